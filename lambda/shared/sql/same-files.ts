import { statSync } from 'node:fs';

/**
 * Detects that an open file was deleted, moved or replaced, which its descriptor does not show: later writes to it are
 * lost. Each call returns the first such file. A file that does not exist yet counts from its creation.
 */
export function createSameFiles(paths: readonly string[]): () => string | undefined {
  const known = new Map<string, string>();
  return () =>
    paths.find((path) => {
      const found = statSync(path, { throwIfNoEntry: false });
      const identity = found && `${found.dev}:${found.ino}`;
      const before = known.get(path);
      if (before === undefined && identity) known.set(path, identity);
      return before !== undefined && before !== identity;
    });
}

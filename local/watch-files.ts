import { createSameFiles } from '../lambda/shared/sql/same-files';

const LOOK_EVERY_MS = 1000;

export interface WatchedFiles {
  /** Resolves to the reason, for people, when one of them was deleted, moved or replaced. */
  readonly lost: Promise<string>;
  stop(): void;
}

/** Checks the open files and folders of a running shop every second: it would go on with deleted ones unnoticed. */
export function watchFiles(paths: readonly string[]): WatchedFiles {
  const missing = createSameFiles(paths);
  missing();
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<string>((resolve) => {
    timer = setInterval(() => {
      const path = missing();
      if (path !== undefined) resolve(reason(path));
    }, LOOK_EVERY_MS).unref();
  });
  return { lost, stop: () => clearInterval(timer) };
}

const reason = (path: string) =>
  `${path} was deleted, moved or replaced while the shop ran on it, so nothing can be stored any more. Put it back, or start over with an empty folder; then start the shop again.`;

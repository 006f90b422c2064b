import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A stored object; its path is `/bucket/key`. */
export interface KeptObject {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

/** Objects of an S3 as files in a folder, one each: a line of metadata, then the bytes. */
export function keptObjects(folder: string) {
  mkdirSync(folder, { recursive: true });
  const file = (path: string) => join(folder, encodeURIComponent(path));
  const read = (path: string): KeptObject => {
    const content = readFileSync(file(path));
    const end = content.indexOf('\n');
    return { path, ...JSON.parse(content.toString('utf8', 0, end)), body: content.subarray(end + 1) };
  };
  return {
    get: (path: string) => (existsSync(file(path)) ? read(path) : undefined),
    /** Writes the complete file or none. */
    keep: ({ path, type, body }: KeptObject) => {
      const unnamed = join(folder, NEW);
      writeFileSync(unnamed, Buffer.concat([Buffer.from(`${JSON.stringify({ type })}\n`), body]), {
        flush: true,
      });
      renameSync(unnamed, file(path));
    },
    forget: (path: string) => rmSync(file(path), { force: true }),
    all: (): KeptObject[] =>
      readdirSync(folder)
        .filter((name) => name !== NEW)
        .map((name) => read(decodeURIComponent(name))),
  };
}

/** Cannot collide with a path, since those begin with a slash. */
const NEW = 'new';

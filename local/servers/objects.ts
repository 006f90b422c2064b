import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** An object as it was put: its path is `/bucket/key`. */
export interface KeptObject {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
}

/** Objects of an S3 as files of a folder, one each: a line about it, and its bytes. */
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
    /** Complete on the disk, or not there. */
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

/** No path, since those begin with a slash. */
const NEW = 'new';

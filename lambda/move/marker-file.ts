import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Marker, MarkerChangedError } from './placement';

const NAME = /^placement\.(\d+)\.json$/;

/**
 * A folder with one file a write, `placement.<n>.json`; the highest n counts and the others are its history.
 * A link to a name that is taken is refused, so of two who write after the same n one is told so, in any process.
 */
export function fileMarker(folder: string): Marker {
  const path = (n: number) => join(folder, `placement.${n}.json`);
  return {
    read: async () => {
      await mkdir(folder, { recursive: true });
      const revisions = (await readdir(folder)).flatMap((name) => Number(NAME.exec(name)?.[1] ?? []));
      if (revisions.length === 0) return undefined;
      const last = Math.max(...revisions);
      return { placement: JSON.parse(await readFile(path(last), 'utf8')), revision: String(last) };
    },
    write: async (placement, expected) => {
      await mkdir(folder, { recursive: true });
      const revision = Number(expected?.revision ?? 0) + 1;
      const unnamed = join(folder, randomUUID());
      try {
        await writeFile(unnamed, JSON.stringify(placement), { flush: true });
        await link(unnamed, path(revision));
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? new MarkerChangedError() : error;
      } finally {
        await rm(unnamed, { force: true });
      }
      return { placement, revision: String(revision) };
    },
  };
}

import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Marker, MarkerChangedError, type Place } from './placement';

const NAME = /^placement\.(\d+)\.json$/;

/**
 * A folder with one file per write, `placement.<n>.json`; the highest n is valid and the others are its history.
 * Linking to an existing name fails, so of two concurrent writes after the same n, in any process, one is refused.
 */
export function fileMarker<At extends string = Place>(folder: string): Marker<At> {
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

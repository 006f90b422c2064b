import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import Database from 'libsql';
import { CannotRunError } from './errors';

/** What is where in the data folder. */
export const inFolder = (folder: string) => ({
  /** Everything that people put into the shop. */
  shop: join(folder, 'shop'),
  /** A shop being made, which becomes `shop` when it is whole. */
  fresh: join(folder, 'fresh'),
  log: join(folder, 'shop.log'),
  /** The same for a shop of `--servers`: their data and their logs. */
  servers: join(folder, 'servers'),
  /** Which servers run. */
  record: join(folder, 'servers.json'),
  /** Locked while a shop runs; the lock goes with its process, however that ends. */
  lock: join(folder, 'lock'),
  /** Who holds the lock, for people. */
  running: join(folder, 'running.txt'),
});

export interface Claim {
  /** Leaves a word for whoever finds the folder in use. */
  note(words: string): void;
  release(): void;
}

/**
 * Makes the data folder when there is none, and keeps it for this process until released.
 * @throws CannotRunError when another shop runs on it, or when it cannot be used
 */
export function claim(folder: string): Claim {
  const { lock, running } = inFolder(folder);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(running, '', { flag: 'a' });
  } catch (error) {
    throw unusable(folder, error as NodeJS.ErrnoException);
  }
  let database: Database.Database | undefined;
  try {
    database = new Database(lock);
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') throw inUse(folder, running);
    throw new CannotRunError(
      `The lock ${lock} cannot be used: ${(error as Error).message}. Delete that file.`,
    );
  }
  return {
    note: (words) => writeFileSync(running, words),
    release: () => {
      rmSync(running, { force: true });
      database.close();
      rmSync(lock, { force: true });
    },
  };
}

function inUse(folder: string, running: string): CannotRunError {
  const who = readFileSync(running, 'utf8').trim();
  return new CannotRunError(
    `Another shop is using ${folder}${who ? ` (${who})` : ''}. Stop that one first, or give this one a folder of its own: --data <folder>.`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'there is a file with that name, where a folder should be',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'that file system is read-only',
  ENOSPC: 'the disk is full',
};

function unusable(folder: string, { code = '', message }: NodeJS.ErrnoException): CannotRunError {
  return new CannotRunError(
    `The data folder ${folder} cannot be used: ${REASONS[code] ?? message}. Change that, or take another folder: --data <folder>.`,
  );
}

/** A path as short as it can be said from where one stands. */
export function short(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere && !fromHere.startsWith('..') ? fromHere : path;
}

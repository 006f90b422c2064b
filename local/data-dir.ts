import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import Database from 'libsql';
import { createSameFiles } from '../lambda/shared/sql/same-files';
import { CannotRunError } from './errors';

/** The layout of the data folder. */
export const dataDirPaths = (folder: string) => ({
  /** The shop's databases and files. */
  shop: join(folder, 'shop'),
  /** A shop being filled; renamed to `shop` when it is complete. */
  fresh: join(folder, 'fresh'),
  /** Rows that left the shop's database, with `npm run warehouse -- run --local`. */
  warehouse: join(folder, 'warehouse'),
  log: join(folder, 'shop.log'),
  /** Data and logs of the servers of `--servers`. */
  servers: join(folder, 'servers'),
  /** The running servers. */
  record: join(folder, 'servers.json'),
  /** Locked while a shop runs. The lock ends with the process, even if it is killed. */
  lock: join(folder, 'lock'),
  /** The holder of the lock, for people. */
  running: join(folder, 'running.txt'),
});

/** The part of a log that was rotated away. */
export const olderLog = (log: string): string => `${log}.1`;

export interface DataDirLock {
  /** Stores a note, for the error message of another shop that tries to use the folder. */
  note(words: string): void;
  release(): void;
}

/**
 * Creates the data folder if necessary and locks it for this process.
 * @throws CannotRunError if another shop uses it, or if it is not usable
 */
export function lockDataDir(folder: string): DataDirLock {
  const { lock, running } = dataDirPaths(folder);
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
      `The lock file ${lock} cannot be used: ${(error as Error).message}. Delete that file.`,
    );
  }
  const missing = createSameFiles([lock]);
  missing();
  return {
    note: (words) => writeFileSync(running, words),
    release: () => {
      // If somebody deleted the folder, its present contents belong to another shop.
      const ours = missing() === undefined;
      if (ours) rmSync(running, { force: true });
      database.close();
      if (ours) rmSync(lock, { force: true });
    },
  };
}

function inUse(folder: string, running: string): CannotRunError {
  const who = readFileSync(running, 'utf8').trim();
  return new CannotRunError(
    `Another shop is using ${folder}${who ? ` (${who})` : ''}. Stop it first, or use another folder: --data <folder>.`,
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'a file with that name exists',
  ENOTDIR: 'part of its path is a file',
  EACCES: 'this user has no permission to write there',
  EPERM: 'this user has no permission to write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

function unusable(folder: string, { code = '', message }: NodeJS.ErrnoException): CannotRunError {
  return new CannotRunError(
    `The data folder ${folder} cannot be used: ${REASONS[code] ?? message}. Fix that, or use another folder: --data <folder>.`,
  );
}

/** The path relative to the working directory, if it lies below it. */
export function short(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere && !fromHere.startsWith('..') ? fromHere : path;
}

import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of a few MB that a test can fill: a real ENOSPC. */
export interface SmallDisk {
  readonly folder: string;
  /** Leaves no room for a single byte. */
  fill(): void;
  /** Makes room again. */
  free(): void;
  remove(): void;
}

/** `describe` where this user may mount; where everything must run (CI), that it may not is an error. */
export function describeWithSmallDisk(name: string, tests: (mount: () => SmallDisk) => void): void {
  if (mayMount()) describe(name, () => tests(() => mountSmallDisk(8)));
  else describe.skip(`${name} (skipped: mounting a file system needs root on Linux)`, () => tests(missing));
}

function mayMount(): boolean {
  try {
    mountSmallDisk(1).remove();
    return true;
  } catch (error) {
    if (process.env.REQUIRE_SERVERS === '1') throw error;
    return false;
  }
}

function mountSmallDisk(megabytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'shop-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => {
      const file = openSync(filler, 'a');
      try {
        for (const bytes of [65_536, 1]) writeUntilFull(file, Buffer.alloc(bytes));
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler),
    remove: () => {
      execFileSync('umount', ['--lazy', folder]);
      rmdirSync(folder);
    },
  };
}

function writeUntilFull(file: number, chunk: Buffer): void {
  try {
    for (;;) writeSync(file, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

const missing = (): never => {
  throw new Error('No file system can be mounted here');
};

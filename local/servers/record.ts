import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Recorded {
  readonly pid: number;
  /** One of its arguments, which no other program has. */
  readonly mark: string;
}

/** The servers that run for a data folder. */
export interface Running {
  /** The folder of their sockets. */
  readonly sockets: string;
  readonly processes: readonly Recorded[];
  /** Where the S3 answers, when there are two sides. */
  readonly s3?: string;
}

export function writeRecord(path: string, running: Running): void {
  writeFileSync(`${path}.new`, JSON.stringify(running, undefined, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Whether a process still runs and is the one that was recorded: its number alone may be somebody else's by now. */
export const isOurs = ({ pid, mark }: Recorded): boolean => ` ${commandOf(pid)} `.includes(` ${mark} `);

/** Undefined when none runs, as far as was noted. */
export const readRecord = (path: string): Running | undefined =>
  existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;

const LOOK_MS = 100;
/** A signal may come too early to be heard, and twice is once too often for who finishes what is under way. */
const AGAIN_AFTER_MS = 10_000;
const PATIENCE_MS = 60_000;

/** Stops what a shop that was killed left running. Returns how many servers that were. */
export async function stopStale(path: string): Promise<number> {
  const found = readRecord(path);
  if (!found) return 0;
  const { sockets, processes } = found;
  let stopped = 0;
  for (const recorded of [...processes].reverse()) {
    if (isOurs(recorded)) stopped++;
    for (let ms = 0; isOurs(recorded); ms += LOOK_MS) {
      if (ms % AGAIN_AFTER_MS === 0) signal(recorded.pid, ms < PATIENCE_MS ? 'SIGTERM' : 'SIGKILL');
      await sleep(LOOK_MS);
    }
  }
  if (basename(sockets).startsWith('shop-')) rmSync(sockets, { recursive: true, force: true });
  rmSync(path);
  return stopped;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}

/** With its arguments, in one line: nginx, for one, puts a title there that has them so. */
function commandOf(pid: number): string {
  try {
    if (existsSync('/proc/self/cmdline')) {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    }
    return execFileSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

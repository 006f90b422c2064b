import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Recorded {
  readonly pid: number;
  /** A unique argument of the process. */
  readonly mark: string;
}

/** The servers that run for a data folder. */
export interface Running {
  /** The folder of their sockets. */
  readonly sockets: string;
  readonly processes: readonly Recorded[];
  /** The URL of the S3, if there are two sides. */
  readonly s3?: string;
  /** The URL of the S3 with the mailbox, if the users may move to a cluster of their own. */
  readonly federation?: { readonly s3: string };
  /** If photos have workers: the URLs of the DynamoDB, of the SQS and of its queues. */
  readonly photos?: {
    readonly table: string;
    readonly queueServer: string;
    readonly queue: string;
    readonly deadLetters: string;
  };
}

export function writePidfile(path: string, running: Running): void {
  writeFileSync(`${path}.new`, JSON.stringify(running, undefined, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** True if the recorded process still runs. Its id alone is not enough, since ids are reused. */
export const isOurs = ({ pid, mark }: Recorded): boolean => ` ${commandOf(pid)} `.includes(` ${mark} `);

/** Undefined if no running server is recorded. */
export const readPidfile = (path: string): Running | undefined =>
  existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;

const POLL_INTERVAL_MS = 100;
/** Signals are repeated, since one may arrive too early, but not soon, since a second one may interrupt a shutdown. */
const RETRY_DELAY_MS = 10_000;
const TIMEOUT_MS = 60_000;

/** Stops the left-over servers of a killed shop. Returns their number. */
export async function stopStale(path: string): Promise<number> {
  const found = readPidfile(path);
  if (!found) return 0;
  const { sockets, processes } = found;
  let stopped = 0;
  for (const recorded of [...processes].reverse()) {
    if (isOurs(recorded)) stopped++;
    for (let ms = 0; isOurs(recorded); ms += POLL_INTERVAL_MS) {
      if (ms % RETRY_DELAY_MS === 0) signal(recorded.pid, ms < TIMEOUT_MS ? 'SIGTERM' : 'SIGKILL');
      await sleep(POLL_INTERVAL_MS);
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
    // The process has just ended.
  }
}

/** The command with its arguments in one line, the format of process titles, such as nginx's. */
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

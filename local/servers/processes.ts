import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../../lib/root';
import { compiled } from '../compiled';
import { CannotRunError } from '../errors';
import { executable } from './binaries';
import { type Recorded, type Running, writePidfile } from './pidfile';

/** For each of our Node programs, in MiB. */
const HEAP_MIB = 384;
/** Lets Linux end the servers with the shop, even if that is killed. */
const SETPRIV = '/usr/bin/setpriv';
/** For a start or a stop: the machine may be busy, or recovery may be long. */
const TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 50;

export interface ServerCommand {
  /** Shown to people. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** A unique argument, which identifies the process as ours. */
  readonly mark: string;
  /** Its whole environment, besides PATH and TMPDIR. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its output, truncated at each start of the shop. */
  readonly log: string;
  /** Matches its log once it serves. */
  readonly ready: RegExp;
  /** Called with the reason if it ends unexpectedly. Default: the shop ends too. */
  readonly ended?: (why: string) => void;
}

/** A server that serves. */
export interface Serving {
  readonly pid: number;
  /** The match of `ready`. */
  readonly said: RegExpExecArray;
  /** Ends it when it is not needed any more; `ended` is not called. */
  end(): Promise<void>;
}

interface Started extends Recorded {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  serves: boolean;
  needed: boolean;
}

type Facts = Pick<Running, 's3' | 'photos' | 'federation'>;

export interface Servers {
  /** A folder for sockets outside the data folder, since their paths are limited to 107 characters. */
  readonly sockets: string;
  /** Resolves when the server serves. @throws CannotRunError with the end of its log */
  start(server: ServerCommand): Promise<Serving>;
  /** Adds facts for other programs on this machine to the record. */
  tell(facts: Facts): void;
  /** Resolves to the reason if the shop cannot go on, after the end of a server or a call of `giveUp`. */
  readonly broken: Promise<string>;
  giveUp(why: string): void;
  /** In reverse order of their start, so that servers end before those that they use. */
  stop(): Promise<void>;
}

/**
 * The servers of one shop, listed in the file `record` so that a later start can clean up.
 * A start fails early once the shop is `stopped`.
 */
export function createServers(record: string, stopped: Promise<unknown>): Servers {
  const sockets = mkdtempSync(join(tmpdir(), 'shop-'));
  const running = new Set<Started>();
  const logs = new Set<string>();
  let stopping = false;
  let wanted = true;
  void stopped.then(() => {
    wanted = false;
  });
  let breaks: (why: string) => void = () => undefined;
  const broken = new Promise<string>((resolve) => {
    breaks = resolve;
  });
  let told: Facts = {};
  const note = () =>
    writePidfile(record, {
      sockets,
      processes: [...running].map(({ pid, mark }) => ({ pid, mark })),
      ...told,
    });
  note();

  return {
    sockets,
    broken,
    giveUp: breaks,
    tell: (facts) => {
      told = { ...told, ...facts };
      note();
    },
    start: async ({ name, command, args, mark, env = {}, log, ready, ended = breaks }) => {
      if (stopping) throw new CannotRunError(`${name} was not started: the shop is stopping.`);
      const [program = '', ...given] = boundToUs([command, ...args]);
      const { PATH = '', TMPDIR } = process.env;
      if (!logs.has(log)) writeFileSync(log, '');
      logs.add(log);
      const from = statSync(log).size;
      const output = openSync(log, 'a');
      const child = spawn(program, given, {
        cwd: ROOT,
        env: { PATH, ...(TMPDIR && { TMPDIR }), ...env },
        // In a separate process group: Ctrl+C must reach only the shop, which stops its servers in order.
        detached: true,
        stdio: ['ignore', output, output],
      });
      closeSync(output);
      let over = false;
      const exited = once(child, 'exit').catch((error) => [error.message]);
      const started: Started = { pid: child.pid ?? 0, mark, child, exited, serves: false, needed: true };
      void exited.then(([code, signal]) => {
        over = true;
        killGroup(started.pid);
        if (stopping) return;
        running.delete(started);
        note();
        if (started.serves && started.needed) ended(`${name} ended (${signal ?? code}). Its log: ${log}`);
      });
      if (child.pid !== undefined) {
        running.add(started);
        note();
      }
      for (
        const until = Date.now() + TIMEOUT_MS;
        Date.now() < until && !over;
        await sleep(POLL_INTERVAL_MS)
      ) {
        if (!wanted) throw new CannotRunError('Stopped before the shop was open.');
        const written = readFileSync(log);
        // Shorter than it was: it was rotated meanwhile.
        const said = ready.exec(written.toString('utf8', written.length < from ? 0 : from));
        if (said) {
          started.serves = true;
          return {
            ...{ pid: started.pid, said },
            end: () => {
              started.needed = false;
              return end(started);
            },
          };
        }
      }
      throw new CannotRunError(`${name} did not start. The end of its log ${log}:\n${lastLines(log)}`);
    },
    stop: async () => {
      stopping = true;
      for (const started of [...running].reverse()) await end(started);
      rmSync(sockets, { recursive: true, force: true });
      rmSync(record, { force: true });
    },
  };
}

/** The command of a program of this repository; the folder is its argument and its mark. */
export const nodeProgram = (entry: string, folder: string) => {
  const mark = `shop-server:${folder}`;
  // A free port for the inspector, which listens only when a SIGUSR1 asks for it.
  const node = [`--max-old-space-size=${HEAP_MIB}`, '--inspect-port=0', ...compiled(entry)];
  return { command: process.execPath, args: [...node, folder, mark], mark };
};

const boundToUs = (command: readonly string[]): readonly string[] =>
  process.platform === 'linux' && executable(SETPRIV)
    ? [SETPRIV, '--pdeathsig', 'TERM', ...command]
    : command;

/** A server that does not serve yet has nothing to finish, and a starting MariaDB may ignore SIGTERM. */
async function end({ child, serves, exited }: Started): Promise<void> {
  child.kill(serves ? 'SIGTERM' : 'SIGKILL');
  const late = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
  await exited;
  clearTimeout(late);
}

/** Ends the children of a killed server: an nginx's workers would go on answering. */
function killGroup(pid: number): void {
  try {
    if (pid > 0) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group no longer exists.
  }
}

const lastLines = (log: string) => readFileSync(log, 'utf8').trim().split('\n').slice(-8).join('\n');

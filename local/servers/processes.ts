import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotRunError } from '../errors';
import { executable } from './binaries';
import { type Recorded, type Running, writeRecord } from './record';

const ROOT = join(__dirname, '..', '..');
/** Of each of our Node programs, in MiB. */
const HEAP_MIB = 384;
/** Lets Linux end a server with the shop that started it, however that ends. */
const SETPRIV = '/usr/bin/setpriv';
/** The longest that a server may take to start or to end, in ms: a machine may be busy, a log be long. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 50;

export interface ServerCommand {
  /** For people. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** One of the arguments, which no other program on this machine has: what tells that a process is ours. */
  readonly mark: string;
  /** All of its environment but where programs and temporary files are. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it writes, anew at each start of the shop. */
  readonly log: string;
  /** What its log says when it serves. */
  readonly ready: RegExp;
  /** Told why, when it ends although nobody stopped it. Default: the shop ends too. */
  readonly ended?: (why: string) => void;
}

/** A server that serves. */
export interface Serving {
  readonly pid: number;
  /** What it said then. */
  readonly said: RegExpExecArray;
}

interface Started extends Recorded {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  serves: boolean;
}

export interface Servers {
  /** A folder for sockets: their paths may have 107 characters, and a data folder may be deep. */
  readonly sockets: string;
  /** Resolves when the server serves. @throws CannotRunError with the end of its log */
  start(server: ServerCommand): Promise<Serving>;
  /** Adds to the record what others on this machine need. */
  tell(facts: Pick<Running, 's3'>): void;
  /** Resolves to why, when the shop cannot go on: what it is made of has ended, or somebody gave up. */
  readonly broken: Promise<string>;
  giveUp(why: string): void;
  /** The last one first: who uses the others ends before them. */
  stop(): Promise<void>;
}

/**
 * The servers of one shop, which are recorded in `record` so that nobody has to look for them.
 * Starting ends early when the shop is `stopped`.
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
  let told: Pick<Running, 's3'> = {};
  const note = () =>
    writeRecord(record, {
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
      if (stopping) throw new CannotRunError(`${name} is not started: the shop is being stopped.`);
      const [program = '', ...given] = boundToUs([command, ...args]);
      const { PATH = '', TMPDIR } = process.env;
      if (!logs.has(log)) writeFileSync(log, '');
      logs.add(log);
      const from = statSync(log).size;
      const output = openSync(log, 'a');
      const child = spawn(program, given, {
        cwd: ROOT,
        env: { PATH, ...(TMPDIR && { TMPDIR }), ...env },
        // Of its own group: Ctrl+C is for the shop, which stops its servers in order.
        detached: true,
        stdio: ['ignore', output, output],
      });
      closeSync(output);
      let over = false;
      const exited = once(child, 'exit').catch((error) => [error.message]);
      const started: Started = { pid: child.pid ?? 0, mark, child, exited, serves: false };
      void exited.then(([code, signal]) => {
        over = true;
        killGroup(started.pid);
        if (stopping) return;
        running.delete(started);
        note();
        if (started.serves) ended(`${name} ended (${signal ?? code}). Its log: ${log}`);
      });
      if (child.pid !== undefined) {
        running.add(started);
        note();
      }
      for (const until = Date.now() + PATIENCE_MS; Date.now() < until && !over; await sleep(LOOK_MS)) {
        if (!wanted) throw new CannotRunError('Stopped before the shop was open.');
        const said = ready.exec(readFileSync(log).toString('utf8', from));
        if (said) {
          started.serves = true;
          return { pid: started.pid, said };
        }
      }
      throw new CannotRunError(`${name} did not start. Its log, ${log}, ends:\n${lastLines(log)}`);
    },
    stop: async () => {
      stopping = true;
      for (const started of [...running].reverse()) await end(started);
      rmSync(sockets, { recursive: true, force: true });
      rmSync(record, { force: true });
    },
  };
}

/** A TypeScript program of this repository, and the folder that it works for. */
export const nodeProgram = (path: readonly string[], folder: string) => {
  const mark = `shop-server:${folder}`;
  const node = [`--max-old-space-size=${HEAP_MIB}`, '--import', 'tsx'];
  return { command: process.execPath, args: [...node, join(ROOT, ...path), folder, mark], mark };
};

const boundToUs = (command: readonly string[]): readonly string[] =>
  process.platform === 'linux' && executable(SETPRIV)
    ? [SETPRIV, '--pdeathsig', 'TERM', ...command]
    : command;

/** Who does not serve yet has nothing to finish, and a MariaDB that starts may not hear a SIGTERM. */
async function end({ child, serves, exited }: Started): Promise<void> {
  child.kill(serves ? 'SIGTERM' : 'SIGKILL');
  const late = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await exited;
  clearTimeout(late);
}

/** What a killed server leaves behind: the workers of an nginx would go on answering. */
function killGroup(pid: number): void {
  try {
    if (pid > 0) process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing is left.
  }
}

const lastLines = (log: string) => readFileSync(log, 'utf8').trim().split('\n').slice(-8).join('\n');

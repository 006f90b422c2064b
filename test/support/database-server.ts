import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';

/** A server with a folder and a unix socket of its own, on which root needs no password. */
export interface DatabaseServer {
  readonly socket: string;
  /** Ends it without a word, as a crash does. */
  kill(): Promise<void>;
  /** SIGSTOP freezes it: connections stay, and nothing answers until SIGCONT. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** Starts it again on the data that it left, and resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and deletes its data. */
  stop(): Promise<void>;
}

export interface ServerProgram {
  readonly name: string;
  readonly command: string;
  /** Makes `data` in a folder: system tables, and a root without a password. */
  readonly install: (folder: string) => Promise<void>;
  readonly args: readonly string[];
}

const SHARED_ARGS = [
  '--skip-networking',
  // On as on Aurora with replicas.
  '--log-bin',
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-buffer-pool-size=64M',
  '--max-connections=400',
];

/** Neither server runs as root without this option. */
export const AS_THIS_USER = process.getuid?.() === 0 ? ['--user=root'] : [];

/** Launches a server without waiting for it: `answering` does. Options in `more` win over the usual ones. */
export function launchServer(program: ServerProgram, more: readonly string[] = []): DatabaseServer {
  const folder = mkdtempSync(join(tmpdir(), `shop-${program.name}-`));
  const socket = join(folder, 'sock');
  const launch = (): ChildProcess =>
    spawn(
      // Ends with the run, also with one that is killed: a server ignores Ctrl+C.
      'setpriv',
      [
        ...['--pdeathsig', 'KILL', program.command],
        '--no-defaults',
        `--datadir=${folder}/data`,
        `--socket=${socket}`,
        `--pid-file=${folder}/pid`,
        // Servers that start at the same time in one temporary folder delete each other's tables.
        `--tmpdir=${folder}`,
        ...[...SHARED_ARGS, ...program.args, ...AS_THIS_USER, ...more],
      ],
      { stdio: 'ignore' },
    );
  let launched = program.install(folder).then(launch);
  const kill = async () => {
    const server = await launched;
    const exited = once(server, 'exit');
    if (server.kill('SIGKILL')) await exited;
  };
  return {
    socket,
    kill,
    signal: async (name) => {
      (await launched).kill(name);
    },
    restart: async () => {
      launched = Promise.resolve(launch());
      await answering(socket);
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Clients that insist on a certificate of RDS refuse a test's server so: it has none, or one that it signed itself. */
export const NO_CERTIFICATE_OF_RDS = /secure connection|self-signed certificate/;

/** Resolves when the server behind a socket answers. */
export async function answering(socket: string): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const connection = await createConnection({ socketPath: socket, user: 'root' });
      return await connection.end();
    } catch (error) {
      if (attempt === 600) throw error;
      await sleep(100);
    }
  }
}

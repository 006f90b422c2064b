import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { VALKEY_COMMANDS } from '../../lambda/shared/cache/valkey-scripts';
import { makeCertificate } from '../../lib/compute/balancer/inside-certificate.steps';
import { freePort } from '../../local/servers/free-port';

/** A cache of the test's own, on a port of this machine. */
export interface ValkeyServer {
  /** Such as `Valkey 8.0.1`. */
  readonly name: string;
  readonly port: number;
  /** Logs in as a user that may call what the shop calls and nothing else. */
  readonly url: string;
  /** The same over TLS. */
  readonly tlsUrl: string;
  /** Runs a command as the administrator, on a connection of its own. */
  admin(...command: readonly string[]): Promise<unknown>;
  /** Stands still, with its connections: SIGSTOP. */
  freeze(): void;
  thaw(): void;
  /** Ends it without a word, as a crash does: it forgets everything. */
  kill(): Promise<void>;
  /** Starts it again on the same port, and resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it and deletes its folder. */
  stop(): Promise<void>;
}

/** The user of the shop and the administrator of every server. */
export const SHOP = { username: 'shop', password: 'of-the-shop' } as const;
const ADMIN_PASSWORD = 'of-the-administrator';

/** TEST_VALKEY is a folder with Valkey or Redis, as `.ci/unpack-valkey.sh` makes one. */
const FOLDERS = process.env.TEST_VALKEY ? [process.env.TEST_VALKEY] : ['/usr/bin', '/usr/local/bin'];

/** Undefined where this machine has none. Where every server must be there (CI), its absence is an error. */
function binary(): string | undefined {
  const found = FOLDERS.flatMap((folder) =>
    ['valkey-server', 'redis-server'].map((name) => join(folder, name)),
  ).find(existsSync);
  if (found || (process.env.REQUIRE_SERVERS !== '1' && !process.env.TEST_VALKEY)) return found;
  throw new Error(
    `No Valkey and no Redis in ${FOLDERS.join(', ')}: .ci/unpack-valkey.sh unpacks one into a folder for TEST_VALKEY`,
  );
}

export const hasValkey = (): boolean => binary() !== undefined;

/** `describe`, skipped where this machine has neither Valkey nor Redis. */
export const describeValkey = (name: string, suite: () => void): void => {
  if (hasValkey()) describe(name, suite);
  else describe.skip(`${name} (skipped: neither Valkey nor Redis is here)`, suite);
};

/** Starts one, with further lines of configuration such as `maxmemory 4mb`. */
export async function startValkey(...more: readonly string[]): Promise<ValkeyServer> {
  const command = binary();
  if (!command) throw new Error('This machine has neither Valkey nor Redis');
  const folder = mkdtempSync(join(tmpdir(), 'shop-valkey-'));
  const [port, tlsPort] = [await freePort(), await freePort()];
  const certificate = await makeCertificate('localhost');
  const files = {
    'ca.pem': certificate.certificate,
    'key.pem': certificate.key,
    'valkey.conf': [
      ...[`port ${port}`, `tls-port ${tlsPort}`, 'bind 127.0.0.1', `dir ${folder}`],
      ...[`tls-cert-file ${folder}/ca.pem`, `tls-key-file ${folder}/key.pem`, 'tls-auth-clients no'],
      ...['save ""', 'appendonly no', 'databases 1', `user default on >${ADMIN_PASSWORD} ~* &* +@all`],
      `user ${SHOP.username} on >${SHOP.password} ~* -@all ${VALKEY_COMMANDS.map((name) => `+${name}`).join(' ')}`,
      ...more,
    ].join('\n'),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);

  // Ends with the run, also with one that is killed.
  const launch = (): ChildProcess =>
    spawn('setpriv', ['--pdeathsig', 'KILL', command, join(folder, 'valkey.conf')], { stdio: 'ignore' });
  let process = launch();
  const answering = async () => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await admin('PING');
      } catch (error) {
        if (attempt === 300) throw error;
        await sleep(20);
      }
    }
  };
  const admin = async (...args: readonly string[]): Promise<unknown> => {
    const client = createClient({
      socket: { host: '127.0.0.1', port, reconnectStrategy: false },
      password: ADMIN_PASSWORD,
      maintNotifications: 'disabled',
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.sendCommand([...args]);
    } finally {
      client.destroy();
    }
  };
  const kill = async () => {
    if (process.exitCode !== null || process.signalCode !== null) return;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
  };
  const { username, password } = SHOP;

  await answering();
  return {
    name: execFileSync(command, ['--version'], { encoding: 'utf8' }).replace(
      /^(\w+) server v=(\S+) .*\n/,
      '$1 $2',
    ),
    port,
    url: `valkey://${username}:${password}@127.0.0.1:${port}`,
    tlsUrl: `valkeys://${username}:${password}@localhost:${tlsPort}?ca=${encodeURIComponent(`${folder}/ca.pem`)}`,
    admin,
    freeze: () => void process.kill('SIGSTOP'),
    thaw: () => void process.kill('SIGCONT'),
    kill,
    restart: async () => {
      await kill();
      process = launch();
      await answering();
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import type { LabShop } from './shop';

type Home = Pick<LabShop, 'home'>;

/** Sends one command to the cache of a phase, as its administrator, and resolves to the reply. */
export const askCache = (shop: Home, ...command: string[]): Promise<unknown> =>
  ask(shop, settingOf(shop, 'requirepass'), [command]);

/** Gives the cache another password, which no process knows, and cuts all connections. Returns the password. */
export async function lockCache(shop: Home): Promise<string> {
  const password = 'nobody-knows-this-one';
  const killed = ['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'];
  await ask(shop, settingOf(shop, 'requirepass'), [['CONFIG', 'SET', 'requirepass', password], killed]);
  return password;
}

/** Gives a locked cache its own password again. */
export async function unlockCache(shop: Home, password: string): Promise<void> {
  await ask(shop, password, [['CONFIG', 'SET', 'requirepass', settingOf(shop, 'requirepass')]]);
}

/** Look-ups of keys since the start of the cache. */
export async function cacheLookups(shop: Home): Promise<{ hits: number; misses: number }> {
  const stats = String(await askCache(shop, 'INFO', 'stats'));
  const count = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(stats)?.[1]);
  return { hits: count('keyspace_hits'), misses: count('keyspace_misses') };
}

function settingOf(shop: Home, name: string): string {
  const value = optional(shop, name);
  if (value === undefined) throw new Error(`The configuration of the cache has no ${name}`);
  return value;
}

function optional({ home }: Home, name: string): string | undefined {
  const settings = readFileSync(join(home, 'cache', 'cache.conf'), 'utf8');
  return new RegExp(`^${name} (\\S+)$`, 'm').exec(settings)?.[1];
}

/** Over TLS where the cache has it. */
function socketOf(shop: Home) {
  const certificate = optional(shop, 'tls-cert-file');
  const host = '127.0.0.1';
  if (certificate === undefined) return { host, port: Number(settingOf(shop, 'port')) };
  const ca = readFileSync(certificate, 'utf8');
  return { host, port: Number(settingOf(shop, 'tls-port')), tls: true as const, ca, servername: 'localhost' };
}

async function ask(shop: Home, password: string, commands: readonly string[][]): Promise<unknown> {
  const client = createClient({
    socket: { ...socketOf(shop), reconnectStrategy: false },
    password,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let reply: unknown;
    for (const command of commands) reply = await client.sendCommand(command);
    return reply;
  } finally {
    client.destroy();
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { migrate } from '../../../lambda/shared/migrations';
import { SETTING } from '../../../lambda/shared/settings';
import type { Sql } from '../../../lambda/shared/sql';
import { insertAccount } from '../../../lambda/users/account-store';
import { usersMigrations } from '../../../lambda/users/migrations';
import { insertSession } from '../../../lambda/users/session-store';
import { newToken, tokenHash } from '../../../lambda/users/tokens';
import { makeCertificate } from '../../../lib/compute/balancer/inside-certificate.steps';
import { readerOf, schemaOf } from '../../support/accounts';
import { mariaDb } from '../../support/engines';
import { hasMariaDb } from '../../support/mariadb';

const ROOT = join(__dirname, '../../..');
const DAY = 24 * 3_600_000;

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Resolves when it listens; rejects when it ends before. */
  readonly port: Promise<number>;
  readonly exited: Promise<number | string>;
}

(hasMariaDb() ? describe : describe.skip)('the shop as processes with roles, over TLS, on MariaDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-roles-'));
  const file = (name: string) => join(folder, name);
  const running: Running[] = [];
  let usersSql: Sql & { url: string };
  let inventorySql: Sql & { url: string };
  let readerUrl: (schema: string) => string;
  let certificate: string;

  beforeAll(async () => {
    const engine = mariaDb();
    [usersSql, inventorySql] = await Promise.all([engine.open('users'), engine.open('inventory')]);
    await Promise.all([migrate(usersSql, usersMigrations), migrate(inventorySql, inventoryMigrations)]);
    readerUrl = await readerOf(
      process.env.TEST_MARIADB_SOCKET ?? '',
      [usersSql, inventorySql].map(({ url }) => schemaOf(url)),
    );
    const made = await makeCertificate('app.shop.internal');
    ({ certificate } = made);
    writeFileSync(file('certificate.pem'), made.certificate);
    writeFileSync(file('key.pem'), made.key);
  });
  afterEach(async () => {
    for (const { child, exited } of running.splice(0)) {
      child.kill('SIGKILL');
      await exited;
    }
  });
  afterAll(async () => {
    await Promise.all([usersSql.close(), inventorySql.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  function start(role: string, settings: Record<string, string> = {}): Running {
    const child = spawn(process.execPath, ['--import', 'tsx', 'lambda/monolith/server.ts'], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        [SETTING.shopRole]: role,
        [SETTING.usersDatabase]: usersSql.url,
        [SETTING.inventoryDatabase]: inventorySql.url,
        [SETTING.media]: `file:${folder}/media`,
        [SETTING.port]: '0',
        [SETTING.tlsCertificate]: file('certificate.pem'),
        [SETTING.tlsKey]: file('key.pem'),
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    const exited = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
    const port = new Promise<number>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        lines.push(line);
        const { msg, port } = JSON.parse(line);
        if (msg === 'serving') resolve(port);
      });
      exited.then(() => reject(new Error(lines.join('\n'))), reject);
    });
    port.catch(() => undefined);
    const started = { child, lines, port, exited };
    running.push(started);
    return started;
  }

  const startReader = async (writer: Running, settings: Record<string, string> = {}) =>
    start('read', {
      [SETTING.usersDatabase]: readerUrl(schemaOf(usersSql.url)),
      [SETTING.inventoryDatabase]: readerUrl(schemaOf(inventorySql.url)),
      [SETTING.writeUrl]: `https://127.0.0.1:${await writer.port}`,
      [SETTING.writeAuthority]: file('certificate.pem'),
      ...settings,
    });

  const ask = async ({ port: listening }: Running, method: string, path: string, token?: string) => {
    const port = await listening;
    return new Promise<number>((resolve, reject) => {
      const outgoing = request({
        ...{ host: '127.0.0.1', port, method, path, agent: false },
        ...{ ca: certificate, servername: 'app.shop.internal' },
        headers: token ? { authorization: `Bearer ${token}` } : {},
      });
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode ?? 0);
      });
      outgoing.end();
    });
  };

  /** Somebody who logged in now. */
  async function loggedIn(): Promise<{ token: string; sessionId: string }> {
    const [id, sessionId, token, at] = [uuidv7(), uuidv7(), newToken(), Date.now()];
    const account = {
      id,
      email: `${id}@example.com`,
      name: 'A',
      role: 'customer',
      passwordHash: 'x',
    } as const;
    await insertAccount(usersSql, { ...account, createdAt: at });
    const times = { createdAt: at, lastSeenAt: at, expiresAt: at + 7 * DAY };
    await insertSession(usersSql, { id: sessionId, userId: id, userAgent: null, ...times }, tokenHash(token));
    return { token, sessionId };
  }

  const lastSeen = async (sessionId: string) =>
    (
      await usersSql.query<{ at: number }>('SELECT last_seen_at AS at FROM sessions WHERE id = ?', [
        sessionId,
      ])
    )[0]?.at ?? 0;

  /** A day passes: everything about a session is a day longer ago. */
  const dayPasses = (sessionId: string) =>
    usersSql.execute(
      `UPDATE sessions SET created_at = created_at - ${DAY}, last_seen_at = last_seen_at - ${DAY},
        expires_at = expires_at - ${DAY} WHERE id = ?`,
      [sessionId],
    );

  const readsDaily = async (server: Running) => {
    const { token, sessionId } = await loggedIn();
    for (let day = 0; day < 8; day++) {
      await dayPasses(sessionId);
      expect([day, await ask(server, 'GET', '/api/users/me', token)]).toEqual([day, 200]);
      await seenAgain(sessionId);
    }
  };

  const seenAgain = async (sessionId: string) => {
    while ((await lastSeen(sessionId)) < Date.now() - DAY / 2) await sleep(10);
  };

  test('keep a session alive for eight days that only reads, by a server that cannot write', async () => {
    const writer = start('write');
    const reader = await startReader(writer);
    await readsDaily(reader);
    expect(await ask(reader, 'POST', '/api/sessions')).toBe(405);
    expect(await ask(writer, 'POST', '/api/sessions')).toBe(400);
    for (const { child, exited } of [reader, writer]) {
      child.kill('SIGTERM');
      expect(await exited).toBe(0);
    }
    expect(reader.lines.filter((line) => line.includes('"level":"warn"'))).toEqual([]);
  });

  test('keep it alive in one process for everything, too', async () => {
    await readsDaily(start('all'));
  });

  test('go on reading while nobody answers who may write, and tell it afterwards', async () => {
    const writer = start('write');
    const reader = await startReader(writer);
    const { token, sessionId } = await loggedIn();
    await dayPasses(sessionId);
    const port = await writer.port;
    writer.child.kill('SIGKILL');
    await writer.exited;
    expect(await ask(reader, 'GET', '/api/users/me', token)).toBe(200);
    await logged(reader, 'could not have it stored that a session was seen');
    expect(await ask(reader, 'GET', '/api/users/me', token)).toBe(200);
    await start('write', { [SETTING.port]: String(port) }).port;
    // Another day, so that the test need not wait for the half minute in which it is not told again.
    await dayPasses(sessionId);
    expect(await ask(reader, 'GET', '/api/users/me', token)).toBe(200);
    await seenAgain(sessionId);
  });

  test.each(['read', 'write'])('listen as %s only once the database has answered', async (role) => {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const missing = usersSql.url.replace(schemaOf(usersSql.url), `${schemaOf(usersSql.url)}_later`);
    const waiting = start(role, {
      [SETTING.port]: String(port),
      [SETTING.usersDatabase]: missing,
      [SETTING.writeUrl]: 'https://127.0.0.1:1',
    });
    await logged(waiting, 'not ready, and not listening yet');
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
    const later = schemaOf(missing);
    await usersSql.execute(`CREATE DATABASE ${later}`);
    await usersSql.execute(`CREATE TABLE ${later}.users LIKE users`);
    expect(await waiting.port).toBe(port);
    expect(await ask(waiting, 'GET', '/healthz')).toBe(200);
    await usersSql.execute(`DROP DATABASE ${later}`);
  });

  test('end when they are told to, also while they wait for the database', async () => {
    const waiting = start('write', {
      [SETTING.usersDatabase]: usersSql.url.replace(/socketPath=.*/, 'socketPath=/nowhere'),
    });
    await logged(waiting, 'not ready, and not listening yet');
    waiting.child.kill('SIGTERM');
    expect(await waiting.exited).toBe(0);
  });

  test('say which roles there are', async () => {
    const { exited, lines } = start('reader');
    expect(await exited).toBe(1);
    expect(lines.join()).toContain('SHOP_ROLE is all, write, read, not \\"reader\\"');
  });

  async function logged({ lines }: Running, message: string): Promise<void> {
    while (!lines.some((line) => line.includes(`"msg":"${message}"`))) await sleep(10);
  }
});

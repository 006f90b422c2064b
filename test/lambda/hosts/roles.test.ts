import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { uuidv7 } from 'uuidv7';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { SETTING } from '../../../lambda/shared/runtime/settings';
import { migrate } from '../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { insertAccount } from '../../../lambda/users/accounts/repository';
import { usersMigrations } from '../../../lambda/users/migrations';
import { insertSession } from '../../../lambda/users/sessions/repository';
import { newToken, tokenHash } from '../../../lambda/users/sessions/tokens';
import { makeCertificate } from '../../../lib/compute/balancer/inside-certificate.steps';
import { compiled } from '../../../local/compiled';
import { createReader, schemaOf } from '../../support/database-users';
import { describeManaged } from '../../support/engines';
import { until } from '../../support/until';

const ROOT = join(__dirname, '../../..');
const DAY = 24 * 3_600_000;

interface Running {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Resolves when it listens; rejects when it ends before. */
  readonly port: Promise<number>;
  readonly exited: Promise<number | string>;
}

describeManaged('the shop as processes with roles, over TLS', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-roles-'));
  const file = (name: string) => join(folder, name);
  const running: Running[] = [];
  let usersSql: Sql & { url: string };
  let inventorySql: Sql & { url: string };
  let readerUrl: (schema: string) => string;
  let certificate: string;

  beforeAll(async () => {
    [usersSql, inventorySql] = await Promise.all([engine.open('users'), engine.open('inventory')]);
    await Promise.all([migrate(usersSql, usersMigrations), migrate(inventorySql, inventoryMigrations)]);
    readerUrl = await createReader(
      engine.socketPath,
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
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function start(role: string, settings: Record<string, string> = {}): Running {
    const child = spawn(process.execPath, compiled('lambda/hosts/server.ts'), {
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

  const answerOf = async (
    { port: listening }: Running,
    method: string,
    path: string,
    headers: Record<string, string>,
  ) => {
    const port = await listening;
    return new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request({
        ...{ host: '127.0.0.1', port, method, path, headers, agent: false },
        ...{ ca: certificate, servername: 'app.shop.internal' },
      });
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => resolve(incoming.resume()));
      outgoing.end();
    });
  };
  const ask = async (server: Running, method: string, path: string, token?: string) =>
    (await answerOf(server, method, path, token ? { authorization: `Bearer ${token}` } : {})).statusCode;

  /** A customer who has just logged in. */
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
    await until(async () => (await lastSeen(sessionId)) > Date.now() - DAY / 2);
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
    // A busy machine may be late with a report, which is then sent again.
    const warnings = reader.lines.filter((line) => line.includes('"level":"warn"'));
    expect(warnings.filter((line) => !line.includes('due to timeout'))).toEqual([]);
  });

  test('keep it alive in one process for everything, too', async () => {
    await readsDaily(start('all'));
  });

  test('recognize a client that wrote elsewhere by its signed cookie, and let no other read past the caches', async () => {
    const writer = start('write');
    const readers = [await startReader(writer), await startReader(writer)];
    const { token } = await loggedIn();
    const left = await answerOf(writer, 'DELETE', '/api/sessions/current', {
      authorization: `Bearer ${token}`,
    });
    expect(left.statusCode).toBe(204);
    const wrote =
      left.headers['set-cookie']?.find((cookie) => cookie.startsWith('wrote='))?.split(';')[0] ?? '';
    const read = async (reader: Running, cookie: string) => {
      const headers = { 'x-fresh': '1', cookie };
      const { statusCode, headers: answered } = await answerOf(reader, 'GET', '/api/products', headers);
      return [statusCode, answered['cache-control']];
    };
    const isKnown = async (reader: Running) => {
      await until(async () => (await read(reader, wrote))[0] === 200);
      expect(await read(reader, wrote)).toEqual([200, 'private, no-store']);
      expect(await read(reader, `${wrote.slice(0, -2)}__`)).toEqual([412, 'no-store']);
    };
    for (const reader of readers) await isKnown(reader);
    // Nothing of it is kept in a process.
    for (const { child, exited } of [writer, ...readers]) {
      child.kill('SIGTERM');
      expect(await exited).toBe(0);
    }
    await isKnown(await startReader(start('write')));
  });

  test('go on reading while no writer answers, and report sessions to it afterwards', async () => {
    const writer = start('write');
    const reader = await startReader(writer);
    const { token, sessionId } = await loggedIn();
    await dayPasses(sessionId);
    const port = await writer.port;
    writer.child.kill('SIGKILL');
    await writer.exited;
    expect(await ask(reader, 'GET', '/api/users/me', token)).toBe(200);
    await logged(reader, 'could not report the last use of a session');
    expect(await ask(reader, 'GET', '/api/users/me', token)).toBe(200);
    await start('write', { [SETTING.port]: String(port) }).port;
    // On another day, so that the test need not wait for the half minute between two reports of a session.
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
    await logged(waiting, 'not ready: not listening yet');
    await expect(once(connect(port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED');
    const later = schemaOf(missing);
    await usersSql.execute(`CREATE DATABASE ${later}`);
    await usersSql.execute(`CREATE TABLE ${later}.users LIKE users`);
    expect(await waiting.port).toBe(port);
    expect(await ask(waiting, 'GET', '/healthz')).toBe(200);
    await usersSql.execute(`DROP DATABASE ${later}`);
  });

  test('end on SIGTERM, also while they wait for the database', async () => {
    const waiting = start('write', {
      [SETTING.usersDatabase]: usersSql.url.replace(/socketPath=.*/, 'socketPath=/nowhere'),
    });
    await logged(waiting, 'not ready: not listening yet');
    waiting.child.kill('SIGTERM');
    expect(await waiting.exited).toBe(0);
  });

  test('refuse an unknown role, and name the known ones', async () => {
    const { exited, lines } = start('reader');
    expect(await exited).toBe(1);
    expect(lines.join()).toContain('SHOP_ROLE must be one of all, write, read, not \\"reader\\"');
  });

  async function logged({ lines }: Running, message: string): Promise<void> {
    await until(() => lines.some((line) => line.includes(`"msg":"${message}"`)));
  }
});

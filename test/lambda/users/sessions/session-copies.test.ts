import { type Cache, CacheUnavailableError } from '../../../../lambda/shared/cache/cache';
import { createMemoryCache } from '../../../../lambda/shared/cache/memory-cache';
import { openCache } from '../../../../lambda/shared/cache/open';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import { OutcomeUnknownError, type Sql } from '../../../../lambda/shared/sql/sql';
import { usersMigrations } from '../../../../lambda/users/migrations';
import { createSessionCopies } from '../../../../lambda/users/sessions/session-copies';
import { engines } from '../../../support/engines';
import { describeValkey, startValkey } from '../../../support/valkey';
import { type CacheServer, caches, silent } from '../../shared/cache/caches';
import { openShop, PASSWORD, type Shop } from '../support';

const [engine] = engines() as [ReturnType<typeof engines>[number]];
const COPY_MS = 30_000;

describe.each(caches())('copies of sessions in $name', (kind) => {
  let cache: Cache;
  let sql: Sql;
  let statements: number;
  /** Processes that write and that read, with a clock of their own. */
  let writer: Shop;
  let reader: Shop;
  let skippedMs: number;
  let server: CacheServer;

  beforeAll(async () => {
    server = await kind.start();
    cache = await server.open();
    sql = await engine.open('users');
    await migrate(sql, usersMigrations);
  });
  afterAll(async () => {
    await sql?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    statements = 0;
    skippedMs = 0;
    writer = await open('end', cache, sql);
    reader = await open('use', cache, counted());
  });

  const now = () => Date.now() + skippedMs;
  const open = (access: 'use' | 'end', cache: Cache, sql: Sql) =>
    openShop(engine, { sql, now, sessionCopies: { cache, access } });
  const counted = (): Sql => ({
    ...sql,
    query: (statement, values) => {
      statements += 1;
      return sql.query(statement, values);
    },
  });
  let people = 0;
  const join = () => writer.join(`person-${kind.name}-${people++}@example.com`.toLowerCase());

  /** Resolves when the reader needs no statement for it. */
  const copied = async (token: string, { users } = reader) => {
    for (;;) {
      const before = statements;
      const found = await users.identify(token);
      if (statements === before) return found;
    }
  };
  const statementsFor = async <Result>(work: () => Promise<Result>): Promise<[Result, number]> => {
    const before = statements;
    return [await work(), statements - before];
  };
  const identify = (token: string) => reader.users.identify(token);

  it('answer reads without a statement', async () => {
    const { id, token } = await join();
    expect(await identify(token)).toMatchObject({ userId: id, role: 'customer' });
    expect(await copied(token)).toMatchObject({ userId: id, role: 'customer' });
    expect((await reader.ask('GET', '/api/users/me', { token })).body).toMatchObject({ id });
  });

  const log = (shop: Shop, email: string, token?: string) =>
    shop.logIn(email, token === undefined ? {} : { token });
  const password = { current: PASSWORD, password: 'staple staple staple' };
  const ways: Record<string, (member: { email: string; token: string; id: string }) => Promise<unknown>> = {
    'logging out': ({ token }) => writer.ask('DELETE', '/api/sessions/current', { token }),
    'logging in again': ({ email, token }) => log(writer, email, token),
    'another session that ends it': async ({ email, token }) => {
      const { body } = await writer.ask('GET', '/api/sessions', { token });
      const other = (await log(writer, email)).body.token;
      return writer.ask('DELETE', `/api/sessions/${body.items[0].id}`, { token: other });
    },
    'another session that changes the password': async ({ email }) =>
      writer.ask('PUT', '/api/users/me/password', {
        token: (await log(writer, email)).body.token,
        body: password,
      }),
    'another session that changes the e-mail': async ({ email }) =>
      writer.ask('PUT', '/api/users/me/email', {
        token: (await log(writer, email)).body.token,
        body: { email: `new-${email}`, password: PASSWORD },
      }),
    'a password that is set by a link': async ({ email }) => {
      const staff = await join();
      await writer.users.grantStaff(staff.email);
      const asked = { token: staff.token, body: { email } };
      const { token } = (await writer.ask('POST', '/api/users/password-links', asked)).body;
      return writer.ask('PUT', '/api/users/password', { body: { token, password: password.password } });
    },
    'the deletion of the account': ({ token }) =>
      writer.ask('DELETE', '/api/users/me', { token, body: { password: PASSWORD } }),
    'a hundred newer ones': async ({ id, email }) => {
      for (let n = 0; n < 99; n++) {
        await sql.execute(
          `INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at)
            VALUES (?, ?, ?, NULL, 0, 0, ?)`,
          [`ffffffff-${n}-${id}`.slice(0, 36), id, `${id} ${n}`, now() + COPY_MS],
        );
      }
      return log(writer, email);
    },
  };
  it.each(Object.keys(ways))('end by %s, before that is answered', async (way) => {
    const member = await join();
    await copied(member.token);
    const answer = (await ways[way]?.(member)) as { status: number };
    expect(answer.status).toBeLessThan(300);
    expect(await statementsFor(() => identify(member.token))).toEqual([undefined, 0]);
    expect((await reader.ask('GET', '/api/users/me', { token: member.token })).status).toBe(401);
  });

  it('stay those of the session that changed the password', async () => {
    const { token } = await join();
    await copied(token);
    await writer.ask('PUT', '/api/users/me/password', { token, body: password });
    expect(await identify(token)).toBeDefined();
  });

  it('are not made of a session that ended while it was loaded', async () => {
    const { token } = await join();
    let loaded = () => {};
    let goOn = () => {};
    const isLoaded = new Promise<void>((resolve) => {
      loaded = resolve;
    });
    const mayGoOn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const refused = new Promise<boolean>((resolve) => {
      const watched: Cache = {
        ...cache,
        put: async (...entry) => {
          const stored = await cache.put(...entry);
          resolve(stored);
          return stored;
        },
      };
      const slow: Sql = {
        ...sql,
        query: async <Row>(...asked: Parameters<Sql['query']>) => {
          const rows = await sql.query<Row>(...asked);
          loaded();
          await mayGoOn;
          return rows;
        },
      };
      void open('use', watched, slow).then(async ({ users }) => {
        expect(await users.identify(token)).toBeDefined();
      });
    });
    await isLoaded;
    await writer.ask('DELETE', '/api/sessions/current', { token });
    goOn();
    expect(await refused).toBe(false);
    expect(await identify(token)).toBeUndefined();
  });

  it('live at most 30 seconds when the writer alone cannot reach the cache', async () => {
    const cut = await open('end', broken(), sql);
    const { token } = await join();
    await copied(token);
    const { status } = await cut.ask('DELETE', '/api/sessions/current', { token });
    expect(status).toBe(204);
    expect(cut.lines.join()).toContain('copies of ended sessions may be used for half a minute');
    // Processes that write know it at once.
    expect((await cut.ask('PATCH', '/api/users/me', { token, body: { name: 'Eve' } })).status).toBe(401);
    expect(await identify(token)).toBeDefined();
    skippedMs = COPY_MS;
    expect(await identify(token)).toBeUndefined();
  });

  it('end with a change whose outcome is unknown', async () => {
    const { token } = await join();
    await copied(token);
    const transaction: Sql['transaction'] = async (work) => {
      await sql.transaction(work);
      throw new OutcomeUnknownError();
    };
    const unsure = await open('end', cache, { ...sql, transaction });
    expect((await unsure.ask('DELETE', '/api/sessions/current', { token })).status).toBe(503);
    expect(await identify(token)).toBeUndefined();
  });

  it('end nothing that SQL did not end', async () => {
    const { token } = await join();
    await copied(token);
    const body = { current: 'not the password', password: 'staple staple staple' };
    expect((await writer.ask('PUT', '/api/users/me/password', { token, body })).status).toBe(403);
    expect(await identify(token)).toBeDefined();
  });

  it('log nobody out when the cache is lost, holds nonsense or takes nothing', async () => {
    const { token } = await join();
    await copied(token);
    const nonsense = ['', '{}', 'null', '{"id":1}'].map(
      (value): Cache => ({ ...cache, get: async () => ({ version: 1, loadedAt: now(), value }) }),
    );
    const full: Cache = { ...cache, get: async () => undefined, put: broken().put };
    for (const failing of [broken(), full, ...nonsense]) {
      const { users } = await open('use', failing, sql);
      expect(await users.identify(token)).toBeDefined();
    }
  });

  it('of a session that was extended since do not end it', async () => {
    const { token } = await join();
    await sql.execute('UPDATE sessions SET expires_at = ?', [now() + 5000]);
    await copied(token);
    await sql.execute('UPDATE sessions SET expires_at = ?', [now() + 60_000]);
    skippedMs += 6000;
    expect(await identify(token)).toBeDefined();
  });

  it('are passed by who asks for the record, as staff routes do', async () => {
    const { email, token } = await join();
    await copied(token);
    await writer.users.grantStaff(email);
    expect(await reader.users.identify(token, 'record')).toMatchObject({ role: 'staff' });
  });

  it('are not used by who writes', async () => {
    const { token } = await join();
    await copied(token);
    await sql.execute('DELETE FROM sessions');
    expect(await writer.users.identify(token)).toBeUndefined();
  });

  it('show no token to who steals a look at them', async () => {
    const seen: unknown[] = [];
    const put: Cache['put'] = (...entry) => {
      seen.push(entry);
      return cache.put(...entry);
    };
    const shown = { ...cache, put };
    const { token } = await join();
    const { users } = await open('use', shown, sql);
    await users.identify(token);
    await (await open('end', shown, sql)).ask('DELETE', '/api/sessions/current', { token });
    expect(seen).toHaveLength(2);
    expect(JSON.stringify(seen)).toContain('session:');
    expect(JSON.stringify(seen)).not.toContain(token);
  });
});

test('a session that no copy can show is found all the same, and not copied', async () => {
  const cache = createMemoryCache();
  const copies = createSessionCopies({ cache, access: 'use', log: silent, now: Date.now });
  const session = {
    ...{ id: 'a', userId: 'b', role: 'auditor' as 'staff' },
    ...{ createdAt: 0, lastSeenAt: 0, expiresAt: Date.now() + COPY_MS },
  };
  expect(await copies.find('hash', async () => session)).toBe(session);
  expect(await cache.get('session:hash')).toBeUndefined();
});

describeValkey('a session while the cache itself fails', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  /** Somebody whose session has a copy. */
  async function start(...configuration: readonly string[]) {
    const server = await startValkey(...configuration);
    closing.push(server.stop);
    const sql = await engine.open('users');
    await migrate(sql, usersMigrations);
    closing.push(sql.close);
    const open = async (access: 'use' | 'end') => {
      const cache = await openCache(server.url, silent);
      closing.push(cache.close);
      return openShop(engine, { sql, now: Date.now, sessionCopies: { cache, access } });
    };
    const [writer, reader] = [await open('end'), await open('use')];
    const { token } = await writer.join('ada@example.com');
    await reader.users.identify(token);
    return { server, writer, reader, token };
  }

  it('frozen: goes on, and ends', async () => {
    const { server, writer, reader, token } = await start();
    server.freeze();
    try {
      for (let n = 0; n < 10; n++) expect(await reader.users.identify(token)).toBeDefined();
      expect((await writer.ask('DELETE', '/api/sessions/current', { token })).status).toBe(204);
      expect(await reader.users.identify(token)).toBeUndefined();
    } finally {
      server.thaw();
    }
  });

  it('lost, and empty when it is back: goes on', async () => {
    const { server, reader, token } = await start();
    await server.kill();
    for (let n = 0; n < 10; n++) expect(await reader.users.identify(token)).toBeDefined();
    await server.restart();
    for (let n = 0; n < 10; n++) expect(await reader.users.identify(token)).toBeDefined();
  });

  it('full: goes on, and ends', async () => {
    const { writer, reader, token } = await start('maxmemory 1kb', 'maxmemory-policy noeviction');
    for (let n = 0; n < 10; n++) expect(await reader.users.identify(token)).toBeDefined();
    expect((await writer.ask('DELETE', '/api/sessions/current', { token })).status).toBe(204);
    expect(await reader.users.identify(token)).toBeUndefined();
  });
});

const broken = (): Cache => {
  const fail = () => Promise.reject(new CacheUnavailableError('The way to the cache is cut'));
  return { get: fail, put: fail, expire: fail, lock: fail, unlock: fail, close: async () => undefined };
};

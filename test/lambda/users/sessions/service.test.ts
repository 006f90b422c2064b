import type { Sql } from '../../../../lambda/shared/sql/sql';
import { usersMigrations } from '../../../../lambda/users/migrations';
import { emptiedSchema } from '../../../support/emptied-schema';
import { engines } from '../../../support/engines';
import { cookieNamed, cookiesOf, DAY, HOUR, MINUTE, openShop, PASSWORD, type Shop } from '../support';

describe.each(engines())('a session on $name', (engine) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(engine);
  });

  const me = (token: string) => shop.ask('GET', '/api/users/me', { token }).then(({ status }) => status);

  describe('begins', () => {
    it('by logging in, with a token in the answer and in a cookie that scripts and other sites cannot use', async () => {
      await shop.register('begin@example.com');
      const { status, body, headers } = await shop.logIn('begin@example.com');
      expect(status).toBe(201);
      expect(body).toMatchObject({
        expiresAt: '2030-01-08T00:00:00.000Z',
        user: { email: 'begin@example.com' },
      });
      expect(Buffer.from(body.token.slice(0, 43), 'base64url')).toHaveLength(32);
      expect(headers.get('cache-control')).toBe('private, no-store');
      expect(cookieNamed('session', headers)).toBe(
        `session=${body.token}; Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax`,
      );
    });

    it('with a cookie bound to this host and to TLS, where there is TLS', async () => {
      await shop.register('tls@example.com');
      const { body, headers } = await shop.logIn('tls@example.com', {
        headers: { 'x-forwarded-proto': 'https' },
      });
      expect(cookieNamed('__Host-session', headers)).toBe(
        `__Host-session=${body.token}; Max-Age=2592000; Path=/; HttpOnly; Secure; SameSite=Lax`,
      );
      expect(cookieNamed('__Host-device', headers)).toMatch(
        // Half a year.
        /; Max-Age=15552000; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      );
      expect(headers.getSetCookie().join()).not.toContain('Domain');
      const asked = { cookie: `__Host-session=${body.token}`, headers: { 'x-forwarded-proto': 'https' } };
      expect((await shop.ask('GET', '/api/users/me', asked)).status).toBe(200);
    });

    it('with the same refusal for an unknown e-mail and for a wrong password', async () => {
      await shop.register('known@example.com');
      const wrong = await shop.logIn('known@example.com', {}, 'not the password');
      const unknown = await shop.logIn('unknown@example.com', {}, 'not the password');
      expect(wrong.status).toBe(401);
      expect(wrong.body).toMatchObject({ type: 'wrong-credentials' });
      expect(unknown).toMatchObject({ status: wrong.status, body: wrong.body });
      expect([...unknown.headers]).toEqual([...wrong.headers]);
    });

    it('with a new token each time, which ends the session that the client brought', async () => {
      const { token, cookies } = await shop.join('fixed@example.com');
      const { body } = await shop.logIn('fixed@example.com', { cookie: cookies });
      expect(body.token).not.toBe(token);
      expect(await me(token)).toBe(401);
      expect(await me(body.token)).toBe(200);
    });

    it('with a token of ours, never one that a client chose', async () => {
      await shop.register('chosen@example.com');
      const chosen = 'A'.repeat(43);
      const { body } = await shop.logIn('chosen@example.com', { cookie: `session=${chosen}` });
      expect(body.token).not.toBe(chosen);
      expect(await me(chosen)).toBe(401);
    });

    it('whose token the database does not hold', async () => {
      const { token } = await shop.join('stored@example.com');
      const stored = JSON.stringify(await shop.sql.query('SELECT * FROM sessions'));
      expect(stored).not.toContain(token);
    });
  });

  describe('is recognized', () => {
    it('by cookie or bearer header', async () => {
      const { token, cookies } = await shop.join('both@example.com');
      expect(await me(token)).toBe(200);
      expect((await shop.ask('GET', '/api/users/me', { cookie: cookies })).status).toBe(200);
      expect(await shop.users.identify(token)).toMatchObject({ role: 'customer' });
    });

    it('by no other token', async () => {
      const { id, token } = await shop.join('else@example.com');
      for (const wrong of [
        '',
        token.slice(1),
        `${token}A`,
        token.toLowerCase(),
        id,
        "' OR '1'='1' -- aaaaaaaaaaaa",
      ]) {
        const answer = await shop.ask('GET', '/api/users/me', { token: wrong });
        expect(answer).toMatchObject({ status: 401, body: { type: 'not-logged-in' } });
      }
    });
  });

  describe('is listed', () => {
    it('with its device and times, newest first, and says which one asks', async () => {
      const { token } = await shop.join('list@example.com');
      shop.pass(MINUTE);
      const agent = `Browser/1 ${'x'.repeat(300)}`;
      const second = await shop.logIn('list@example.com', { headers: { 'user-agent': agent } });
      const { body } = await shop.ask('GET', '/api/sessions', { token: second.body.token });
      expect(body.items).toHaveLength(2);
      const [newest, oldest] = body.items;
      expect(newest).toMatchObject({
        current: true,
        userAgent: agent.slice(0, 200),
        createdAt: newest.lastSeenAt,
      });
      expect(oldest).toMatchObject({ current: false, userAgent: null });
      expect(Date.parse(newest.createdAt) - Date.parse(oldest.createdAt)).toBe(MINUTE);
      expect(Date.parse(newest.expiresAt) - Date.parse(newest.createdAt)).toBe(7 * DAY);
      expect(JSON.stringify(body)).not.toContain(token);
    });

    it('among at most a hundred: the oldest ends when there are more', async () => {
      const { id, token } = await shop.join('many@example.com');
      for (let n = 0; n < 99; n++) {
        await shop.sql.execute(
          `INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at)
            VALUES (?, ?, ?, NULL, 0, 0, ?)`,
          [`ffffffff-${n}`, id, `hash ${n}`, Date.parse('2030-01-05')],
        );
      }
      expect((await shop.ask('GET', '/api/sessions', { token })).body.items).toHaveLength(100);
      await shop.sql.execute('UPDATE sessions SET id = ? WHERE id = ?', ['00000000', 'ffffffff-0']);
      await shop.logIn('many@example.com');
      const ids = await shop.sql.query<{ id: string }>('SELECT id FROM sessions WHERE user_id = ?', [id]);
      expect(ids).toHaveLength(100);
      expect(ids.map((row) => row.id)).not.toContain('00000000');
      expect(await me(token)).toBe(200);
    });
  });

  describe('ends', () => {
    it('by logging out, which clears the cookie and may be repeated', async () => {
      const { token, cookies } = await shop.join('out@example.com');
      for (const cookie of [cookies, cookies]) {
        const { status, headers } = await shop.ask('DELETE', '/api/sessions/current', { cookie });
        expect(status).toBe(204);
        expect(headers.getSetCookie()).toEqual(['session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax']);
      }
      expect(await me(token)).toBe(401);
      expect((await shop.ask('DELETE', '/api/sessions/current')).status).toBe(204);
    });

    it('by logging out over TLS, with a cookie that a browser takes for the one that it replaces', async () => {
      const { body } = await shop
        .register('tls-out@example.com')
        .then(() => shop.logIn('tls-out@example.com', { headers: { 'x-forwarded-proto': 'https' } }));
      const { headers } = await shop.ask('DELETE', '/api/sessions/current', {
        cookie: `__Host-session=${body.token}`,
        headers: { 'x-forwarded-proto': 'https' },
      });
      expect(headers.getSetCookie()).toEqual([
        '__Host-session=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax',
      ]);
      expect(await me(body.token)).toBe(401);
    });

    it('from another session of the same user, once', async () => {
      const { token } = await shop.join('far@example.com');
      const other = (await shop.logIn('far@example.com')).body.token;
      const { body } = await shop.ask('GET', '/api/sessions', { token });
      const { id } = body.items.find(({ current }: { current: boolean }) => !current);
      expect((await shop.ask('DELETE', `/api/sessions/${id}`, { token })).status).toBe(204);
      expect(await me(other)).toBe(401);
      const again = await shop.ask('DELETE', `/api/sessions/${id}`, { token });
      expect(again).toMatchObject({ status: 404, body: { type: 'no-such-session' } });
      expect(await me(token)).toBe(200);
    });

    it('after 7 days without a request', async () => {
      const { token } = await shop.join('idle@example.com');
      shop.pass(7 * DAY - 1);
      expect(await me(token)).toBe(200);
      shop.pass(7 * DAY);
      expect(await me(token)).toBe(401);
      expect(await shop.users.identify(token)).toBeUndefined();
    });

    it('after 30 days however much it is used', async () => {
      const { token } = await shop.join('busy@example.com');
      for (let day = 1; day < 30; day++) {
        shop.pass(DAY);
        expect(await me(token)).toBe(200);
      }
      shop.pass(DAY - 1);
      expect(await me(token)).toBe(200);
      shop.pass(1);
      expect(await me(token)).toBe(401);
    });

    it('for good: what has expired is neither listed nor ended again, and is swept away', async () => {
      const { id, token } = await shop.join('swept@example.com');
      const [{ id: old }] = (await shop.ask('GET', '/api/sessions', { token })).body.items;
      shop.pass(8 * DAY);
      const fresh = (await shop.logIn('swept@example.com')).body.token;
      expect((await shop.ask('GET', '/api/sessions', { token: fresh })).body.items).toHaveLength(1);
      expect((await shop.ask('DELETE', `/api/sessions/${old}`, { token: fresh })).status).toBe(404);
      await shop.users.sweep();
      const rows = await shop.sql.query('SELECT id FROM sessions WHERE user_id = ?', [id]);
      expect(rows).toHaveLength(1);
      expect(await me(fresh)).toBe(200);
    });
  });

  describe('is read', () => {
    it('without a write, but for one an hour', async () => {
      const { writes, sql } = counting(await emptiedSchema(engine, 'counted', usersMigrations));
      const counted = await openShop(engine, { sql });
      const { token } = await counted.join('read@example.com');
      const writesOf = async (requests: number) => {
        const before = writes.length;
        for (let n = 0; n < requests; n++) await counted.ask('GET', '/api/users/me', { token });
        return writes.length - before;
      };
      expect(await writesOf(10)).toBe(0);
      counted.pass(HOUR - 1);
      expect(await writesOf(10)).toBe(0);
      counted.pass(1);
      expect(await writesOf(10)).toBe(1);
      counted.pass(HOUR);
      expect(await writesOf(10)).toBe(1);
    });

    it('also while the database refuses writes', async () => {
      const { token } = await shop.join('readonly@example.com');
      const execute = () => Promise.reject(new Error('this database only reads'));
      const later = await openShop(engine, { sql: { ...shop.sql, execute } });
      later.pass(Date.parse('2030-12-01') - Date.parse('2030-01-01'));
      await shop.sql.execute('UPDATE sessions SET expires_at = ?', [Date.parse('2031-01-01')]);
      expect((await later.ask('GET', '/api/users/me', { token })).status).toBe(200);
      expect(later.lines.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({
          level: 'warn',
          msg: 'could not store the last use of a session',
          err: expect.objectContaining({ message: 'this database only reads' }),
        }),
      ]);
    });
  });

  it('is required by every route of an account', async () => {
    for (const [method, path, body] of [
      ['GET', '/api/users/me'],
      ['PATCH', '/api/users/me', { name: 'Eve' }],
      ['PUT', '/api/users/me/email', { email: 'eve@example.com', password: PASSWORD }],
      ['PUT', '/api/users/me/password', { current: PASSWORD, password: PASSWORD }],
      ['DELETE', '/api/users/me', { password: PASSWORD }],
      ['GET', '/api/sessions'],
      ['DELETE', '/api/sessions/some'],
    ] as const) {
      expect((await shop.ask(method, path, { body })).status).toBe(401);
    }
  });

  it('of one user is neither seen nor ended by another', async () => {
    const ada = await shop.join('ada@example.com');
    const eve = await shop.join('eve@example.com');
    const [session] = (await shop.ask('GET', '/api/sessions', { token: ada.token })).body.items;
    const hers = (await shop.ask('GET', '/api/sessions', { token: eve.token })).body;
    expect(JSON.stringify(hers)).not.toContain(session.id);
    const answer = await shop.ask('DELETE', `/api/sessions/${session.id}`, { token: eve.token });
    const never = await shop.ask('DELETE', '/api/sessions/never-was', { token: eve.token });
    expect(answer).toMatchObject({ status: 404, body: never.body });
    expect(await me(ada.token)).toBe(200);
  });

  it('of one user changes no other account', async () => {
    const ada = await shop.join('ada2@example.com');
    const eve = await shop.join('eve2@example.com');
    const before = (await shop.ask('GET', '/api/users/me', { token: ada.token })).body;
    const asked = { token: eve.token };
    await shop.ask('PATCH', '/api/users/me', { ...asked, body: { name: 'Eve was here' } });
    await shop.ask('PATCH', '/api/users/me', { ...asked, body: { name: 'Eve', id: ada.id } });
    await shop.ask('PATCH', `/api/users/${ada.id}`, { ...asked, body: { name: 'Eve' } });
    await shop.ask('PUT', '/api/users/me/email', {
      ...asked,
      body: { email: ada.email, password: PASSWORD },
    });
    await shop.ask('PUT', '/api/users/me/password', {
      ...asked,
      body: { current: PASSWORD, password: 'eves password' },
    });
    await shop.ask('DELETE', '/api/users/me', { ...asked, body: { password: 'eves password' } });
    expect((await shop.ask('GET', '/api/users/me', { token: ada.token })).body).toEqual(before);
    expect((await shop.logIn(ada.email)).status).toBe(201);
  });

  it('cannot be used by another site', async () => {
    const { cookies } = await shop.join('site@example.com');
    const asked = { cookie: cookies, headers: { origin: 'https://evil.example', host: 'shop.example' } };
    const answer = await shop.ask('PATCH', '/api/users/me', { ...asked, body: { name: 'Eve' } });
    expect(answer).toMatchObject({ status: 403, body: { type: 'cross-site' } });
  });

  it('leaves no token and no password in a log line or an error, whatever happens', async () => {
    const secret = 'my very secret password';
    const email = 'quiet@example.com';
    const body = { email, password: secret, name: 'Quiet' };
    const seen: string[] = [];
    const record = async (asked: ReturnType<Shop['ask']>) => {
      const answer = await asked;
      seen.push(JSON.stringify(answer.body ?? ''));
      return answer;
    };
    await record(shop.ask('POST', '/api/users', { body }));
    await record(shop.ask('POST', '/api/users', { body }));
    await record(shop.ask('POST', '/api/users', { body: { ...body, [secret]: secret, password: [secret] } }));
    await record(shop.ask('POST', '/api/users', { body: `{"password": "${secret}"` }));
    await record(shop.ask('POST', '/api/users', { body: { ...body, email: 'x@y.example', name: secret } }));
    const { body: given, headers } = await shop.logIn(email, {}, secret);
    await record(shop.logIn(email, {}, `${secret}?`));
    const breaking: Sql = {
      ...shop.sql,
      transaction: () => Promise.reject(Object.assign(new Error('broken'), { password: secret })),
    };
    const broken = await openShop(engine, { sql: breaking });
    expect((await record(broken.logIn(email, {}, secret))).status).toBe(500);
    const said = [...shop.lines, ...broken.lines].join('\n');
    expect(said).toContain('broken');
    const secrets = [given.token, cookiesOf(headers).match(/device=([^;]+)/)?.[1], 'argon2id'];
    for (const text of [...secrets, secret]) expect(said).not.toContain(text);
    // The only problem that quotes the request: an unknown field.
    const answers = seen.filter((answer) => !answer.includes('Unrecognized key'));
    for (const text of [...secrets, secret]) expect(answers.join('\n')).not.toContain(text);
  });
});

/** The same database, and every statement that may write. */
function counting(sql: Sql) {
  const writes: string[] = [];
  const execute: Sql['execute'] = (statement, values) => {
    writes.push(statement);
    return sql.execute(statement, values);
  };
  return { writes, sql: { ...sql, execute } };
}

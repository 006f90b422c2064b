import { createPasswords } from '../../../../lambda/users/passwords';
import { engines } from '../../../support/engines';
import { cheapPasswords, MINUTE, openShop, PASSWORD, type Shop } from '../support';

describe.each(engines())('an account on $name', (engine) => {
  describe('is created', () => {
    let shop: Shop;
    beforeAll(async () => {
      shop = await openShop(engine);
    });

    it('with a normalized e-mail, as a customer, and nothing of the password in the answer', async () => {
      const body = { email: ' Ada@Example.com ', password: PASSWORD, name: ' Ada Lovelace ' };
      const answer = await shop.ask('POST', '/api/users', { body });
      expect(answer.status).toBe(201);
      expect(answer.body).toEqual({
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
        email: 'ada@example.com',
        name: 'Ada Lovelace',
        role: 'customer',
        createdAt: '2030-01-01T00:00:00.000Z',
      });
      expect(answer.headers.get('cache-control')).toBe('private, no-store');
    });

    it('once for an e-mail, however it is written', async () => {
      await shop.register('once@example.com');
      const body = { email: 'ONCE@example.com ', password: PASSWORD, name: 'Eve' };
      const answer = await shop.ask('POST', '/api/users', { body });
      expect(answer).toMatchObject({ status: 409, body: { type: 'email-taken' } });
    });

    it('once when twenty ask for the same e-mail at the same time', async () => {
      const body = { email: 'race@example.com', password: PASSWORD, name: 'Racer' };
      const asked = Array.from({ length: 20 }, () => shop.ask('POST', '/api/users', { body }));
      const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
      expect(statuses).toEqual([201, ...Array<number>(19).fill(409)]);
      const rows = await shop.sql.query('SELECT id FROM users WHERE email = ?', ['race@example.com']);
      expect(rows).toHaveLength(1);
    });

    it('with any name and e-mail that people have', async () => {
      const name = "👩‍🔬 Zoë O'Brien; DROP TABLE users --";
      const body = { email: 'zoë+shop@bücher.example', password: PASSWORD, name };
      const answer = await shop.ask('POST', '/api/users', { body });
      expect(answer.body).toMatchObject({ name, email: 'zoë+shop@bücher.example' });
      expect((await shop.logIn('ZOË+shop@Bücher.example')).body.user.name).toBe(name);
    });

    it('with no password that is the e-mail or the name', async () => {
      for (const password of ['guess@example.com', 'GUESS@EXAMPLE.COM', 'Ada Lovelace']) {
        const body = { email: 'guess@example.com', password, name: 'Ada Lovelace' };
        const answer = await shop.ask('POST', '/api/users', { body });
        expect(answer).toMatchObject({ status: 400, body: { type: 'guessable-password' } });
      }
    });

    it('from a body of the expected form alone', async () => {
      const good = { email: 'form@example.com', password: PASSWORD, name: 'Form' };
      const wrong = [
        '',
        '[]',
        '{',
        'null',
        { ...good, role: 'staff' },
        { ...good, password: 'short' },
        { email: 1 },
      ];
      for (const body of wrong) {
        expect((await shop.ask('POST', '/api/users', { body })).status).toBe(400);
      }
      const headers = { 'content-type': 'text/plain' };
      expect((await shop.ask('POST', '/api/users', { body: good, headers })).status).toBe(415);
    });
  });

  it('is read with the statement that finds its session', async () => {
    const shop = await openShop(engine);
    const { token, id, email } = await shop.join('once@example.com');
    const query = jest.spyOn(shop.sql, 'query');
    const { body } = await shop.ask('GET', '/api/users/me', { token });
    expect(body).toMatchObject({ id, email, name: 'Ada Lovelace', createdAt: '2030-01-01T00:00:00.000Z' });
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
  });

  describe('is changed', () => {
    let shop: Shop;
    beforeAll(async () => {
      shop = await openShop(engine);
    });

    it('in its name', async () => {
      const { token } = await shop.join('name@example.com');
      const answer = await shop.ask('PATCH', '/api/users/me', { token, body: { name: 'Grace Hopper' } });
      expect(answer).toMatchObject({ status: 200, body: { name: 'Grace Hopper' } });
      // Twice the same is no error where an engine counts changed rows.
      expect(
        (await shop.ask('PATCH', '/api/users/me', { token, body: { name: 'Grace Hopper' } })).status,
      ).toBe(200);
      expect((await shop.ask('GET', '/api/users/me', { token })).body.name).toBe('Grace Hopper');
    });

    it('in its e-mail, which ends all other sessions', async () => {
      const { token } = await shop.join('old@example.com');
      const other = (await shop.logIn('old@example.com')).body.token;
      const body = { email: 'New@example.com', password: PASSWORD };
      const answer = await shop.ask('PUT', '/api/users/me/email', { token, body });
      expect(answer).toMatchObject({ status: 200, body: { email: 'new@example.com' } });
      expect((await shop.ask('GET', '/api/users/me', { token })).body.email).toBe('new@example.com');
      expect((await shop.ask('GET', '/api/users/me', { token: other })).status).toBe(401);
      expect((await shop.logIn('old@example.com')).status).toBe(401);
      expect((await shop.logIn('new@example.com')).status).toBe(201);
    });

    it('to no e-mail that has an account, and then nothing changes', async () => {
      await shop.register('taken@example.com');
      const { token } = await shop.join('wants@example.com');
      const other = (await shop.logIn('wants@example.com')).body.token;
      const body = { email: 'taken@example.com', password: PASSWORD };
      const answer = await shop.ask('PUT', '/api/users/me/email', { token, body });
      expect(answer).toMatchObject({ status: 409, body: { type: 'email-taken' } });
      expect((await shop.ask('GET', '/api/users/me', { token: other })).body.email).toBe('wants@example.com');
    });

    it('in its password, which ends all other sessions and no one else’s', async () => {
      const bystander = await shop.join('bystander@example.com');
      const { token } = await shop.join('pass@example.com');
      const others = await Promise.all([1, 2, 3].map(() => shop.logIn('pass@example.com')));
      const body = { current: PASSWORD, password: 'staple staple staple' };
      expect((await shop.ask('PUT', '/api/users/me/password', { token, body })).status).toBe(204);
      for (const { body: ended } of others) {
        expect((await shop.ask('GET', '/api/users/me', { token: ended.token })).status).toBe(401);
      }
      expect((await shop.ask('GET', '/api/users/me', { token })).status).toBe(200);
      expect((await shop.ask('GET', '/api/users/me', { token: bystander.token })).status).toBe(200);
      expect((await shop.logIn('pass@example.com')).status).toBe(401);
      expect((await shop.logIn('pass@example.com', {}, 'staple staple staple')).status).toBe(201);
    });

    it('only with its password', async () => {
      const { token } = await shop.join('confirm@example.com');
      const wrong = 'not the password';
      const asked = [
        ['PUT', '/api/users/me/email', { email: 'thief@example.com', password: wrong }],
        ['PUT', '/api/users/me/password', { current: wrong, password: 'staple staple staple' }],
        ['DELETE', '/api/users/me', { password: wrong }],
      ] as const;
      for (const [method, path, body] of asked) {
        const answer = await shop.ask(method, path, { token, body });
        expect(answer).toMatchObject({ status: 403, body: { type: 'wrong-password' } });
      }
      expect((await shop.logIn('confirm@example.com')).body.user.email).toBe('confirm@example.com');
    });

    it('to one of two passwords when both are asked for at once, and only that one logs in', async () => {
      const { token } = await shop.join('two@example.com');
      const wanted = ['first new password', 'second new password'];
      const answers = await Promise.all(
        wanted.map((password) =>
          shop.ask('PUT', '/api/users/me/password', { token, body: { current: PASSWORD, password } }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 403]);
      const loggedIn = await Promise.all(
        wanted.map((password) => shop.logIn('two@example.com', {}, password)),
      );
      expect(loggedIn.map(({ status }) => status === 201)).toEqual(
        answers.map(({ status }) => status === 204),
      );
    });

    it('without leaving a session that logged in with the old password at the same moment', async () => {
      const { token } = await shop.join('moment@example.com');
      const logIns = Array.from({ length: 8 }, () => shop.logIn('moment@example.com'));
      const body = { current: PASSWORD, password: 'staple staple staple' };
      const changed = shop.ask('PUT', '/api/users/me/password', { token, body });
      const given = (await Promise.all(logIns)).filter(({ status }) => status === 201);
      expect((await changed).status).toBe(204);
      const list = await shop.ask('GET', '/api/sessions', { token });
      expect(list.body.items).toHaveLength(1);
      for (const { body: late } of given) {
        expect((await shop.ask('GET', '/api/users/me', { token: late.token })).status).toBe(401);
      }
    });
  });

  it('has its password hashed again at log-in when the parameters changed', async () => {
    const old = await openShop(engine);
    await old.register('rehash@example.com');
    const before = await old.sql.query<{ hash: string }>('SELECT password_hash AS hash FROM users');
    const passwords = createPasswords({ memoryCost: 128, timeCost: 1, parallelism: 1 });
    const shop = await openShop(engine, { sql: old.sql, passwords });
    const { body, headers } = await shop.logIn('rehash@example.com');
    const after = await shop.sql.query<{ hash: string }>('SELECT password_hash AS hash FROM users');
    expect(before[0]?.hash).toContain('$m=64,t=1,p=1$');
    expect(after[0]?.hash).toContain('$m=128,t=1,p=1$');
    expect((await shop.ask('GET', '/api/users/me', { token: body.token })).status).toBe(200);
    expect(headers.getSetCookie()).toHaveLength(2);
    expect((await shop.logIn('rehash@example.com')).status).toBe(201);
  });

  it('becomes staff by the command alone, and its sessions know at once', async () => {
    const shop = await openShop(engine);
    const { token } = await shop.join('boss@example.com');
    expect(await shop.users.identify(token)).toMatchObject({ role: 'customer' });
    await shop.users.grantStaff(' Boss@example.com');
    await shop.users.grantStaff('boss@example.com');
    expect(await shop.users.identify(token)).toMatchObject({ role: 'staff' });
    expect((await shop.ask('GET', '/api/users/me', { token })).body.role).toBe('staff');
    await expect(shop.users.grantStaff('nobody@example.com')).rejects.toThrow('nobody@example.com');
    await expect(shop.users.grantStaff('no e-mail')).rejects.toThrow('no e-mail');
  });

  describe('is deleted', () => {
    it('with its sessions, its e-mail is free again, and other services remove what they keep', async () => {
      const gone: string[] = [];
      const shop = await openShop(engine, { onDeleted: async (userId) => void gone.push(userId) });
      const { id, token } = await shop.join('leaver@example.com');
      const stayer = await shop.join('stayer@example.com');
      const answer = await shop.ask('DELETE', '/api/users/me', { token, body: { password: PASSWORD } });
      expect(answer.status).toBe(204);
      expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^session=; Max-Age=0/)]);
      expect(gone).toEqual([id]);
      expect(await shop.users.identify(token)).toBeUndefined();
      expect((await shop.logIn('leaver@example.com')).status).toBe(401);
      for (const [table, column] of [
        ['users', 'id'],
        ['sessions', 'user_id'],
      ]) {
        expect(await shop.sql.query(`SELECT ${column} FROM ${table} WHERE ${column} = ?`, [id])).toEqual([]);
      }
      expect((await shop.ask('GET', '/api/users/me', { token: stayer.token })).status).toBe(200);
      expect((await shop.register('leaver@example.com')).id).not.toBe(id);
    });

    it('also of what requests under way wrote after it: other services are asked once more', async () => {
      const gone: string[] = [];
      const shop = await openShop(engine, { onDeleted: async (userId) => void gone.push(userId) });
      const { id, token } = await shop.join('late@example.com');
      await shop.ask('DELETE', '/api/users/me', { token, body: { password: PASSWORD } });
      await shop.users.sweep();
      expect(gone).toEqual([id]);
      shop.pass(MINUTE - 1);
      await shop.users.sweep();
      expect(gone).toEqual([id]);
      shop.pass(1);
      await shop.users.sweep();
      await shop.users.sweep();
      expect(gone).toEqual([id, id]);
      expect(await shop.sql.query('SELECT user_id FROM deletions')).toEqual([]);
    });

    it('in the end, when another service is down for a while or the process dies in between', async () => {
      let down = true;
      const gone: string[] = [];
      const onDeleted = async (userId: string) => {
        if (down) throw new Error('inventory does not answer');
        gone.push(userId);
      };
      const shop = await openShop(engine, { onDeleted });
      const { id, token } = await shop.join('unlucky@example.com');
      const { status } = await shop.ask('DELETE', '/api/users/me', { token, body: { password: PASSWORD } });
      expect(status).toBe(204);
      expect(await shop.users.identify(token)).toBeUndefined();
      shop.pass(MINUTE);
      await shop.users.sweep();
      const next = await openShop(engine, { sql: shop.sql, onDeleted });
      down = false;
      next.pass(2 * MINUTE - 1);
      await next.users.sweep();
      expect(gone).toEqual([]);
      next.pass(1);
      await next.users.sweep();
      expect(gone).toEqual([id]);
      expect(await shop.sql.query('SELECT user_id FROM deletions')).toEqual([]);
    });

    it('is remembered by a process that cannot ask the other services', async () => {
      const shop = await openShop(engine);
      const { id, token } = await shop.join('waiting@example.com');
      await shop.ask('DELETE', '/api/users/me', { token, body: { password: PASSWORD } });
      shop.pass(MINUTE);
      await shop.users.sweep();
      expect(await shop.sql.query('SELECT user_id AS userId FROM deletions')).toEqual([{ userId: id }]);
    });

    it('or not at all, when any of it cannot be stored', async () => {
      const gone: string[] = [];
      const shop = await openShop(engine, {
        passwords: cheapPasswords(),
        onDeleted: async (userId) => void gone.push(userId),
      });
      const { id, token } = await shop.join('whole@example.com');
      // Its record is there already, so the last statement of the transaction fails.
      await shop.sql.execute('INSERT INTO deletions (user_id, due_at) VALUES (?, ?)', [
        id,
        Date.parse('2031-01-01'),
      ]);
      const { status } = await shop.ask('DELETE', '/api/users/me', { token, body: { password: PASSWORD } });
      expect(status).toBe(500);
      expect(gone).toEqual([]);
      expect((await shop.ask('GET', '/api/users/me', { token })).body.email).toBe('whole@example.com');
    });
  });
});

import { DatabaseUnavailableError, type Sql } from '../../../../lambda/shared/sql/sql';
import { tokenHash } from '../../../../lambda/users/sessions/tokens';
import { settleAllBuckets } from '../../../../lambda/users/sharding/bucket-fence';
import { bucketOf } from '../../../../lambda/users/sharding/buckets';
import { changeMap, mapOfOne, readMap } from '../../../../lambda/users/sharding/shard-map';
import { engines } from '../../../support/engines';
import { openShop } from '../support';
import { dividedShards, type Shards, undividedShards } from './shards';

const NAMES = ['users-1', 'users-2'];

describe.each(engines())('users on two shards, on $name', (engine) => {
  let shards: Shards;
  let count = 0;

  beforeAll(async () => {
    shards = await dividedShards(engine, NAMES);
  });

  const email = () => `user-${++count}@example.com`;
  const shop = (overrides: Readonly<Record<string, Sql>> = {}) =>
    openShop(engine, { sql: shards.open(overrides) as never });
  const rowsOf = (name: string, mail: string) =>
    (shards.sql[name] as Sql).query<{ id: string }>('SELECT id FROM users WHERE email = ?', [mail]);
  const homeOf = (id: string) => NAMES[bucketOf(id) % 2] ?? '';
  /** A schema whose server does not answer. */
  const down: Sql = {
    query: () => Promise.reject(new DatabaseUnavailableError()),
    execute: () => Promise.reject(new DatabaseUnavailableError()),
    transaction: () => Promise.reject(new DatabaseUnavailableError()),
    exclusively: () => Promise.reject(new DatabaseUnavailableError()),
    close: async () => undefined,
  };
  /** Members on both shards. */
  const members = async () => {
    const { join } = await shop();
    const found = new Map<string, Awaited<ReturnType<typeof join>>>();
    while (found.size < 2) {
      const member = await join(email());
      found.set(homeOf(member.id), member);
    }
    return { first: found.get('users-1'), second: found.get('users-2') } as Record<
      'first' | 'second',
      Awaited<ReturnType<typeof join>>
    >;
  };

  test('each account and its sessions are on the shard of its bucket and on no other', async () => {
    const { first, second } = await members();
    for (const [member, home, other] of [
      [first, 'users-1', 'users-2'],
      [second, 'users-2', 'users-1'],
    ] as const) {
      expect(await rowsOf(home, member.email)).toEqual([{ id: member.id }]);
      expect(await rowsOf(other, member.email)).toEqual([]);
      const sessions = await (shards.sql[home] as Sql).query('SELECT id FROM sessions WHERE user_id = ?', [
        member.id,
      ]);
      expect(sessions).toHaveLength(1);
    }
  });

  test('a person reads, renames, changes the e-mail, logs out and leaves, as on one schema', async () => {
    const { ask, logIn } = await shop();
    for (const member of Object.values(await members())) {
      const { token } = member;
      expect((await ask('GET', '/api/users/me', { token })).body.email).toBe(member.email);
      expect((await ask('PATCH', '/api/users/me', { token, body: { name: 'Grace' } })).body.name).toBe(
        'Grace',
      );
      const next = email();
      const changed = await ask('PUT', '/api/users/me/email', {
        token,
        body: { email: next, password: 'correct horse battery' },
      });
      expect(changed.status).toBe(200);
      // One of the registration, and one of the change: nobody else may use them later.
      const used = await (shards.sql[homeOf(member.id)] as Sql).query(
        'SELECT claim FROM email_claims WHERE user_id = ?',
        [member.id],
      );
      expect(used).toHaveLength(2);
      expect((await logIn(member.email)).status).toBe(401);
      const again = await logIn(next);
      expect(again.status).toBe(201);
      expect(
        (
          await ask('POST', '/api/users', {
            body: { email: member.email, password: 'correct horse battery', name: 'B' },
          })
        ).status,
      ).toBe(201);
      const removed = await ask('DELETE', '/api/users/me', {
        token: again.body.token,
        body: { password: 'correct horse battery' },
      });
      expect(removed.status).toBe(204);
      expect((await logIn(next)).status).toBe(401);
    }
  });

  test('of many registrations with one e-mail at once, one succeeds, on any number of processes', async () => {
    const shops = await Promise.all([shop(), shop(), shop()]);
    for (let round = 0; round < 5; round++) {
      const mail = email();
      const answers = await Promise.all(
        [...shops, ...shops].map(({ ask }) =>
          ask('POST', '/api/users', {
            body: { email: mail, password: 'correct horse battery', name: 'Ada' },
            from: `192.0.2.${round}`,
          }),
        ),
      );
      const created = answers.filter(({ status }) => status === 201);
      expect(created).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(5);
      const rows = (await Promise.all(NAMES.map((name) => rowsOf(name, mail)))).flat();
      expect(rows).toEqual([{ id: created[0]?.body.id }]);
    }
  });

  test('a shard that is away concerns its users, who are told, and no others', async () => {
    const { first, second } = await members();
    const { ask, logIn, users } = await shop({ 'users-2': down });
    expect((await ask('GET', '/api/users/me', { token: first.token })).status).toBe(200);
    expect((await logIn(first.email)).status).toBe(201);
    const refused = await ask('GET', '/api/users/me', { token: second.token });
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBeTruthy();
    expect((await logIn(second.email)).status).toBe(503);
    await expect(users.ready()).resolves.toBeUndefined();
    expect(await users.names([first.id, second.id])).toEqual({ [first.id]: 'Ada Lovelace' });
  });

  test('an e-mail stays taken while the shard of its account is away', async () => {
    const { second } = await members();
    const { ask } = await shop({ 'users-2': down });
    const answer = await ask('POST', '/api/users', {
      body: { email: second.email, password: 'correct horse battery', name: 'B' },
    });
    expect([409, 503]).toContain(answer.status);
    const rows = (await Promise.all(NAMES.map((name) => rowsOf(name, second.email)))).flat();
    expect(rows).toEqual([{ id: second.id }]);
  });

  test('an e-mail whose registration ended half-way is free after a minute, and only one of both gets it', async () => {
    const mail = email();
    const store = shards.open();
    const directory = await store.directory();
    const lost = '01990000-0000-7000-8000-000000000000';
    expect(await directory?.claim(mail, lost)).toBeDefined();
    const { ask } = await shop();
    const body = { email: mail, password: 'correct horse battery', name: 'B' };
    expect((await ask('POST', '/api/users', { body })).status).toBe(409);
    // The claim was made a minute ago: the process that made it may still be there, only slow.
    const [item] = await entries(mail);
    await shards.table.update({ key: item?.key ?? '' }, { set: { at: 0 } });
    expect((await ask('POST', '/api/users', { body })).status).toBe(201);
    await expect(
      store
        .at(lost)
        .execute('INSERT INTO email_claims (claim, user_id, made_at) VALUES (?, ?, 0)', [
          String(item?.claim),
          lost,
        ]),
    ).rejects.toThrow();
  });

  test('a registration that was slow does not get an e-mail that another one has got meanwhile', async () => {
    const quick = await shop();
    // The two are on one shard as often as not, where its unique key would refuse the second one.
    for (let round = 0; round < 8; round++) {
      const request = {
        body: { email: email(), password: 'correct horse battery', name: 'B' },
        from: `198.51.100.${round}`,
      };
      let overtaken: number | undefined;
      const slow = (sql: Sql): Sql => ({
        ...sql,
        transaction: async (work) => {
          const [claimed] = await entries(request.body.email);
          if (claimed && overtaken === undefined) {
            await shards.table.update({ key: claimed.key }, { set: { at: 0 } });
            overtaken = (await quick.ask('POST', '/api/users', request)).status;
          }
          return sql.transaction(work);
        },
      });
      const { ask } = await shop(
        Object.fromEntries(NAMES.map((name) => [name, slow(shards.sql[name] as Sql)])),
      );
      const { status } = await ask('POST', '/api/users', request);
      expect([overtaken, status]).toEqual([201, 409]);
      const rows = await Promise.all(NAMES.map((name) => rowsOf(name, request.body.email)));
      expect(rows.flat()).toHaveLength(1);
    }
  });
  const entries = async (mail: string) => {
    const { createHash } = await import('node:crypto');
    const key = `EMAIL#${createHash('sha256').update(mail).digest('hex')}`;
    const item = await shards.table.get({ key }, { consistent: true });
    return [item && { key, claim: item.claim }];
  };

  describe('tokens of before there were buckets', () => {
    /** One for each shard, with a session there. */
    const oldTokens = async () => {
      const { first, second } = await members();
      const session = async ({ id }: { id: string }, token: string) => {
        const at = shards.open().at(id);
        await at.execute('DELETE FROM sessions WHERE token_hash = ?', [tokenHash(token)]);
        await at.execute(
          `INSERT INTO sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?)`,
          [`old-${id.slice(-20)}`, id, tokenHash(token), 1893456000000, 1893456000000, 1993456000000],
        );
        return { id, token };
      };
      return [
        await session(first, `${'o'.repeat(42)}a`),
        await session(second, `${'o'.repeat(42)}b`),
      ] as const;
    };
    const me = (token: string) => ['GET', '/api/users/me', { cookie: `session=${token}` }] as const;
    const reissuedIn = (headers: Headers) => /session=([^;]*)/.exec(headers.get('set-cookie') ?? '')?.[1];

    test('are found on any shard', async () => {
      const { ask } = await shop();
      for (const { id, token } of await oldTokens()) {
        expect((await ask('GET', '/api/users/me', { token })).body.id).toBe(id);
        expect((await ask('DELETE', '/api/sessions/current', { token })).status).toBe(204);
        expect((await ask('GET', '/api/users/me', { token })).status).toBe(401);
      }
    });

    test('are reissued to browsers, and lead to their shard alone then; the old ones still count', async () => {
      const all = await shop();
      const without = {
        'users-1': await shop({ 'users-2': down }),
        'users-2': await shop({ 'users-1': down }),
      };
      for (const { id, token } of await oldTokens()) {
        const { ask } = without[homeOf(id) as keyof typeof without];
        const reissued = reissuedIn((await all.ask(...me(token))).headers) ?? '';
        expect(reissued).toMatch(new RegExp(`^${token}-[0-3][0-9a-f]{2}$`));
        const again = await ask(...me(reissued));
        expect(again.body.id).toBe(id);
        expect(reissuedIn(again.headers)).toBeUndefined();
        const inHeader = await all.ask('GET', '/api/users/me', { token });
        expect([inHeader.status, reissuedIn(inHeader.headers)]).toEqual([200, undefined]);
        expect((await ask('DELETE', '/api/sessions/current', { cookie: `session=${reissued}` })).status).toBe(
          204,
        );
        expect((await all.ask(...me(token))).status).toBe(401);
      }
    });

    test('count while another shard is away; its own users are told to come back, and stay logged in', async () => {
      const tokens = await oldTokens();
      for (const away of NAMES) {
        const { ask } = await shop({ [away]: down });
        for (const { id, token } of tokens) {
          const { status, body } = await ask(...me(token));
          if (homeOf(id) === away) expect([away, status]).toEqual([away, 503]);
          else expect(body.id).toBe(id);
        }
      }
    });
  });
});

describe.each(engines())('users who are not divided yet, on $name', (engine) => {
  const OLD = 'o'.repeat(43);
  let shards: Shards;
  let mail: string;
  const shop = () => openShop(engine, { sql: shards.open() as never });

  beforeEach(async () => {
    shards = await undividedShards(engine, NAMES);
    const { id, email } = await (await shop()).join('before@example.com');
    mail = email;
    await shards.alone.execute(
      `INSERT INTO sessions (id, user_id, token_hash, created_at, last_seen_at, expires_at)
        VALUES ('old', ?, ?, 1893456000000, 1893456000000, 1993456000000)`,
      [id, tokenHash(OLD)],
    );
  });

  const notReissued = async () => {
    const { status, headers } = await (await shop()).ask('GET', '/api/users/me', {
      cookie: `session=${OLD}`,
    });
    expect([status, headers.get('set-cookie')]).toEqual([200, null]);
  };

  test('keep their tokens: hosts of the release before know no others', async () => {
    await notReissued();
  });

  test('log in and keep their tokens while the directory does not have all of them', async () => {
    await settleAllBuckets(shards.alone);
    await changeMap(shards.table, await readMap(shards.table), mapOfOne('users-1'));
    expect((await (await shop()).logIn(mail)).status).toBe(201);
    await notReissued();
  });
});

import { engines } from '../../../support/engines';
import { MINUTE, openShop, PASSWORD, type Shop } from '../support';

const NEW = 'staple staple staple';

describe.each(engines())('a password link on $name', (engine) => {
  let shop: Shop;
  let staff: string;
  let count = 0;
  beforeAll(async () => {
    shop = await openShop(engine);
    staff = (await shop.join('staff@example.com')).token;
    await shop.users.grantStaff('staff@example.com');
  });

  const make = (email: string, token = staff) =>
    shop.ask('POST', '/api/users/password-links', { token, body: { email } });
  const use = (token: string, password = NEW, from?: string) =>
    shop.ask('PUT', '/api/users/password', { from, body: { token, password } });
  const newcomer = () => shop.join(`person-${++count}@example.com`);

  it('sets a new password, once, and ends all sessions of the account and of nobody else', async () => {
    const [person, other] = [await newcomer(), await newcomer()];
    await shop.logIn(person.email);
    const made = await make(person.email.toUpperCase());
    expect(made).toMatchObject({ status: 201, body: { name: 'Ada Lovelace' } });
    expect(made.headers.get('cache-control')).toBe('private, no-store');
    expect((await use(made.body.token)).status).toBe(204);
    expect((await shop.ask('GET', '/api/users/me', { token: person.token })).status).toBe(401);
    expect((await shop.ask('GET', '/api/users/me', { token: other.token })).status).toBe(200);
    expect((await shop.logIn(person.email)).status).toBe(401);
    expect((await shop.logIn(person.email, {}, NEW)).status).toBe(201);
    expect(await use(made.body.token)).toMatchObject({ status: 403, body: { type: 'link-void' } });
  });

  it('works for one of many who use it at the same time', async () => {
    const person = await newcomer();
    const { body } = await make(person.email);
    const asked = Array.from({ length: 8 }, (_, n) => use(body.token, `${NEW} ${n}`));
    const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
    expect(statuses).toEqual([204, 403, 403, 403, 403, 403, 403, 403]);
  });

  it('ends after 30 minutes', async () => {
    const person = await newcomer();
    const [first, second] = [(await make(person.email)).body, (await make((await newcomer()).email)).body];
    shop.pass(30 * MINUTE - 1);
    expect((await use(second.token)).status).toBe(204);
    shop.pass(1);
    expect((await use(first.token)).status).toBe(403);
    expect(Date.parse(first.expiresAt) - Date.parse('2030-01-01T00:00:00Z')).toBe(30 * MINUTE);
  });

  it('ends when there is another one, and when the password changes in any other way', async () => {
    const person = await newcomer();
    const first = (await make(person.email)).body.token;
    const second = (await make(person.email)).body.token;
    expect((await use(first)).status).toBe(403);
    const { status } = await shop.ask('PUT', '/api/users/me/password', {
      token: person.token,
      body: { current: PASSWORD, password: `${NEW} of my own` },
    });
    expect(status).toBe(204);
    expect((await use(second)).status).toBe(403);
  });

  it('is made by staff alone, for an account that there is', async () => {
    const person = await newcomer();
    expect((await make(person.email, person.token)).status).toBe(403);
    expect(
      (await shop.ask('POST', '/api/users/password-links', { body: { email: person.email } })).status,
    ).toBe(401);
    expect(await make('nobody@example.com')).toMatchObject({
      status: 404,
      body: { type: 'no-such-account' },
    });
  });

  it('sets no password that is too easy to guess, and works afterwards', async () => {
    const person = await newcomer();
    const { token } = (await make(person.email)).body;
    expect(await use(token, person.email)).toMatchObject({
      status: 400,
      body: { type: 'guessable-password' },
    });
    expect((await use(token, 'short')).status).toBe(400);
    expect((await use(token)).status).toBe(204);
  });

  it('is stored as a hash, and logged with who made it, never with the token', async () => {
    const person = await newcomer();
    shop.lines.length = 0;
    const { token } = (await make(person.email)).body;
    const rows = await shop.sql.query('SELECT * FROM users WHERE id = ?', [person.id]);
    const [secret] = token.split('.');
    expect(JSON.stringify(rows)).not.toContain(secret);
    await use(token);
    const log = shop.lines.join('');
    expect(log).not.toContain(secret);
    expect(shop.lines.map((line) => JSON.parse(line))).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          msg: 'password link made',
          userId: person.id,
          staffId: expect.any(String),
        }),
        expect.objectContaining({ msg: 'password set by a link', userId: person.id }),
      ]),
    );
  });

  it('cannot be guessed: a network has a hundred wrong ones, and staff make twenty in a row', async () => {
    const person = await newcomer();
    const wrong = `${'A'.repeat(43)}.${person.id}`;
    const tryTen = async () => {
      const tried = await Promise.all(Array.from({ length: 10 }, () => use(wrong, NEW, '203.0.113.9')));
      return tried.map(({ status }) => status);
    };
    for (let n = 0; n < 10; n++) expect(await tryTen()).toEqual(Array(10).fill(403));
    // They stay charged when they are answered, and not only while they are under way.
    expect(await tryTen()).toEqual(Array(10).fill(429));
    const { email, token } = await newcomer();
    await shop.users.grantStaff(email);
    const statuses: number[] = [];
    for (let n = 0; n < 21; n++) statuses.push((await make(person.email, token)).status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });
});

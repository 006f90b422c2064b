import { createSemaphore } from '../../../lambda/shared/runtime/semaphore';
import { createPasswords } from '../../../lambda/users/passwords';
import { engines } from '../../support/engines';
import { type Answer, cookiesOf, DAY, HOUR, MINUTE, openShop, PASSWORD, type Shop } from './support';

const WRONG = 'not the password';

describe.each(engines())('log-in attempts on $name', (engine) => {
  let shop: Shop;
  beforeEach(async () => {
    shop = await openShop(engine);
  });

  const guess = (email: string, from: string, cookie?: string) => shop.logIn(email, { from, cookie }, WRONG);
  const guessAll = async (email: string, addresses: string[]) => {
    const statuses: number[] = [];
    for (const from of addresses) statuses.push((await guess(email, from)).status);
    return statuses;
  };
  const times = <Value>(count: number, value: Value): Value[] => Array<Value>(count).fill(value);
  const addresses = (count: number) => Array.from({ length: count }, (_, n) => `198.51.${n >> 8}.${n & 255}`);
  const retryAfter = ({ headers }: Answer) => Number(headers.get('retry-after'));

  it('from one address at one account: ten may fail, then one a quarter of an hour, the right password included', async () => {
    await shop.register('ada@example.com');
    expect(await guessAll('ada@example.com', times(10, '192.0.2.66'))).toEqual(times(10, 401));
    const refused = await shop.logIn('ada@example.com', { from: '192.0.2.66' });
    expect(refused).toMatchObject({ status: 429, body: { type: 'too-many-attempts' } });
    expect(retryAfter(refused)).toBe(15 * 60);
    shop.pass(15 * MINUTE - 1);
    expect(retryAfter(await guess('ada@example.com', '192.0.2.66'))).toBe(1);
    shop.pass(1);
    expect(await guessAll('ada@example.com', times(2, '192.0.2.66'))).toEqual([401, 429]);
  });

  it('are counted alike for an e-mail that has no account', async () => {
    expect(await guessAll('nobody@example.com', times(11, '192.0.2.66'))).toEqual([...times(10, 401), 429]);
  });

  it('are counted when they come at the same time', async () => {
    await shop.register('ada@example.com');
    const asked = await Promise.all(times(50, '192.0.2.66').map((from) => guess('ada@example.com', from)));
    const failed = asked.filter(({ status }) => status === 401);
    expect(failed).toHaveLength(10);
    expect(asked.filter(({ status }) => status === 429)).toHaveLength(40);
  });

  it('are counted for the /64 that an IPv6 client has, whichever address it takes', async () => {
    const from = Array.from({ length: 11 }, (_, n) => `2001:db8:1:2::${n + 1}`);
    expect(await guessAll('ada@example.com', from)).toEqual([...times(10, 401), 429]);
    expect((await guess('ada@example.com', '2001:db8:1:3::1')).status).toBe(401);
  });

  it('do not count when they succeed', async () => {
    await shop.register('ada@example.com');
    const charged = () =>
      shop.sql.query('SELECT * FROM attempts WHERE whole_at > ?', [Date.parse('2030-01-01')]);
    const before = await charged();
    for (let n = 0; n < 30; n++) expect((await shop.logIn('ada@example.com')).status).toBe(201);
    expect(await charged()).toEqual(before);
  });

  it('from an address that tries a password on many accounts: a hundred may fail, then two a minute', async () => {
    for (let n = 0; n < 100; n++)
      expect((await guess(`victim${n}@example.com`, '192.0.2.66')).status).toBe(401);
    const refused = await guess('victim100@example.com', '192.0.2.66');
    expect(refused.status).toBe(429);
    expect(retryAfter(refused)).toBe(30);
    expect((await guess('victim100@example.com', '192.0.2.67')).status).toBe(401);
    shop.pass(MINUTE);
    const later = ['victim101@example.com', 'victim102@example.com', 'victim103@example.com'];
    const statuses = [];
    for (const email of later) statuses.push((await guess(email, '192.0.2.66')).status);
    expect(statuses).toEqual([401, 401, 429]);
  });

  it('which ask whether an e-mail has an account, by registering, count for the address too', async () => {
    await shop.register('ada@example.com');
    const body = { email: 'ada@example.com', password: PASSWORD, name: 'Eve' };
    const statuses = [];
    for (let n = 0; n < 101; n++) {
      statuses.push((await shop.ask('POST', '/api/users', { body, from: '192.0.2.66' })).status);
    }
    expect(statuses).toEqual([...times(100, 409), 429]);
  });

  it('which ask the same by changing their own e-mail, in however many sessions, count for the address too', async () => {
    await shop.register('ada@example.com');
    await shop.join('eve@example.com');
    const statuses = [];
    for (let session = 0; session < 20; session++) {
      const { token } = (await shop.logIn('eve@example.com')).body;
      for (let n = 0; n < 10; n++) {
        const body = { email: 'ada@example.com', password: PASSWORD };
        const asked = { token, body, from: '192.0.2.66' };
        statuses.push((await shop.ask('PUT', '/api/users/me/email', asked)).status);
      }
    }
    expect(statuses).toEqual([...times(100, 409), ...times(100, 429)]);
    const registering = { email: 'ada@example.com', password: PASSWORD, name: 'Eve' };
    const byRegistering = { body: registering, from: '192.0.2.66' };
    expect((await shop.ask('POST', '/api/users', byRegistering)).status).toBe(429);
    shop.pass(MINUTE);
    const again = [1, 2, 3].map(() => shop.ask('POST', '/api/users', byRegistering));
    expect((await Promise.all(again)).map(({ status }) => status).sort()).toEqual([409, 409, 429]);
  });

  it('which tell that an e-mail has an account are those two, and no others', async () => {
    const { body } = await shop.ask('GET', '/api/users/openapi.json');
    const telling = Object.entries<Record<string, object>>(body.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, route]) => JSON.stringify(route).includes('email-taken'))
        .map(([method]) => `${method} ${path}`),
    );
    expect(telling.sort()).toEqual(['post /api/users', 'put /api/users/me/email']);
  });

  it('to make an account: thirty succeed at once from one address, then one in two minutes', async () => {
    const join = (n: number, from = '192.0.2.66') =>
      shop.ask('POST', '/api/users', {
        body: { email: `new${n}@example.com`, password: PASSWORD, name: 'New' },
        from,
      });
    for (let n = 0; n < 30; n++) expect((await join(n)).status).toBe(201);
    const refused = await join(30);
    expect(refused).toMatchObject({
      status: 429,
      body: { type: 'too-many-attempts', detail: expect.stringContaining('Many accounts were made') },
    });
    expect(retryAfter(refused)).toBe(120);
    expect((await join(30, '192.0.2.67')).status).toBe(201);
    shop.pass(2 * MINUTE);
    expect([(await join(31)).status, (await join(32)).status]).toEqual([201, 429]);
  });

  it('to make an account do not count as one when they fail', async () => {
    const join = (email: string, password = PASSWORD) =>
      shop.ask('POST', '/api/users', { body: { email, password, name: 'New' }, from: '192.0.2.66' });
    await shop.register('ada@example.com');
    for (let n = 0; n < 40; n++) expect((await join('ada@example.com')).status).toBe(409);
    for (let n = 0; n < 40; n++) {
      expect((await join('ada.lovelace@example.com', 'ada.lovelace@example.com')).status).toBe(400);
    }
    expect((await join('eve@example.com')).status).toBe(201);
  });

  describe('of an attacker with many addresses', () => {
    const attack = (email: string) => guessAll(email, addresses(120));

    it('get one try an hour from each address once fifty have failed', async () => {
      await shop.register('ada@example.com');
      expect(await attack('ada@example.com')).toEqual(times(120, 401));
      expect(new Set(await attack('ada@example.com'))).toEqual(new Set([429]));
      const refused = await guess('ada@example.com', '198.51.0.119');
      expect(retryAfter(refused)).toBe(60 * 60);
    });

    it('never keep the owner from logging in from an unused network', async () => {
      await shop.register('ada@example.com');
      await attack('ada@example.com');
      expect((await shop.logIn('ada@example.com', { from: '203.0.113.9' })).status).toBe(201);
      expect((await shop.logIn('ada@example.com', { from: '2001:db8:7::1' })).status).toBe(201);
    });

    it('do not slow down the account when the attack is over', async () => {
      await shop.register('ada@example.com');
      await attack('ada@example.com');
      shop.pass(HOUR);
      expect(await guessAll('ada@example.com', times(3, '203.0.113.9'))).toEqual(times(3, 401));
    });

    it('do not slow down anybody else', async () => {
      await attack('ada@example.com');
      expect(await guessAll('grace@example.com', times(9, '198.51.0.7'))).toEqual(times(9, 401));
    });
  });

  describe('on a device where the owner has logged in before', () => {
    const deviceOf = async (email: string) => {
      const { headers } = await shop.logIn(email, { from: '203.0.113.9' });
      return cookiesOf(headers).replace(/session=[^;]+; /, '');
    };

    it('are slowed down by no attempts from elsewhere, not even from the same address', async () => {
      await shop.register('ada@example.com');
      const cookie = await deviceOf('ada@example.com');
      await guessAll('ada@example.com', addresses(60));
      await guessAll('ada@example.com', times(12, '192.0.2.66'));
      for (let n = 0; n < 100; n++) await guess(`victim${n}@example.com`, '192.0.2.66');
      expect((await shop.logIn('ada@example.com', { from: '192.0.2.66' })).status).toBe(429);
      expect((await shop.logIn('ada@example.com', { from: '192.0.2.66', cookie })).status).toBe(201);
    });

    it('have a budget of their own', async () => {
      await shop.register('ada@example.com');
      const cookie = await deviceOf('ada@example.com');
      const statuses = [];
      for (let n = 0; n < 11; n++)
        statuses.push((await guess('ada@example.com', `198.51.100.${n}`, cookie)).status);
      expect(statuses).toEqual([...times(10, 401), 429]);
      expect((await shop.logIn('ada@example.com', { from: '203.0.113.9' })).status).toBe(201);
    });

    it('stay known after logging out, and are renewed by each log-in', async () => {
      await shop.register('ada@example.com');
      const cookie = await deviceOf('ada@example.com');
      await shop.ask('DELETE', '/api/sessions/current', { cookie });
      const { headers } = await shop.logIn('ada@example.com', { cookie });
      expect(cookiesOf(headers)).toContain(cookie);
    });

    it('are those of a stranger to any other account', async () => {
      await shop.register('ada@example.com');
      await shop.register('eve@example.com');
      const cookie = await deviceOf('eve@example.com');
      await guessAll('ada@example.com', times(10, '192.0.2.66'));
      expect((await guess('ada@example.com', '192.0.2.66', cookie)).status).toBe(429);
    });

    it('are those of a stranger once the password has changed', async () => {
      const { token } = await shop.join('ada@example.com');
      const cookie = await deviceOf('ada@example.com');
      const body = { current: PASSWORD, password: 'staple staple staple' };
      await shop.ask('PUT', '/api/users/me/password', { token, body });
      await guessAll('ada@example.com', times(10, '192.0.2.66'));
      expect((await guess('ada@example.com', '192.0.2.66', cookie)).status).toBe(429);
    });
  });

  it('within a session: ten wrong confirmations, then one in five minutes; other sessions are not affected', async () => {
    const { token } = await shop.join('ada@example.com');
    const other = (await shop.logIn('ada@example.com')).body.token;
    const confirm = (by: string, password: string) =>
      shop.ask('PUT', '/api/users/me/email', { token: by, body: { email: 'other@example.com', password } });
    for (let n = 0; n < 10; n++) expect((await confirm(token, WRONG)).status).toBe(403);
    const refused = await confirm(token, PASSWORD);
    expect(refused).toMatchObject({ status: 429, body: { type: 'too-many-attempts' } });
    expect(retryAfter(refused)).toBe(5 * 60);
    expect((await confirm(other, PASSWORD)).status).toBe(200);
  });

  it('are forgotten when they no longer matter, and stand nowhere in clear text', async () => {
    await shop.register('ada@example.com');
    await guessAll('ada@example.com', times(10, '192.0.2.66'));
    await shop.users.sweep();
    const kept = await shop.sql.query<{ budget: string }>('SELECT budget FROM attempts');
    expect(kept.length).toBeGreaterThanOrEqual(3);
    for (const { budget } of kept) expect(budget).toMatch(/^[0-9a-f]{64}$/);
    shop.pass(DAY);
    await shop.users.sweep();
    expect(await shop.sql.query('SELECT budget FROM attempts')).toEqual([]);
  });

  it('that find too many passwords being hashed get 503, when to come again, and no charge', async () => {
    const turnstile = createSemaphore({ places: 1, waiting: 0 });
    const passwords = createPasswords({ memoryCost: 64, timeCost: 1, parallelism: 1 }, turnstile);
    const busy = await openShop(engine, { passwords });
    let leave = () => {};
    const occupied = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const inside = turnstile(() => occupied);
    for (let n = 0; n < 20; n++) {
      const refused = await busy.logIn('ada@example.com', {}, WRONG);
      expect(refused).toMatchObject({ status: 503, body: { type: 'busy' } });
      expect(retryAfter(refused)).toBeGreaterThan(0);
    }
    leave();
    await inside;
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push((await busy.logIn('ada@example.com', {}, WRONG)).status);
    expect(statuses).toEqual([...times(10, 401), 429]);
  });
});

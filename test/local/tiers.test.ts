import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkStock } from '../../lambda/inventory/check-stock';
import { SETTING } from '../../lambda/shared/settings';
import { openSql } from '../../lambda/shared/sql';
import { isOurs } from '../../local/servers/record';
import { describeWith, eventually } from '../host/support';
import {
  type Crowd,
  crowd,
  failedToBuy,
  failures,
  failuresOf,
  longestPause,
  percentile,
  spanOf,
} from './crowd';
import { sendSlowly, statusOf } from './over-tls';
import { logIn, type Person, uploadPhoto } from './people';
import { folder, moved, opened, type RunningShop, removeFolders, served } from './spawned';
import { tiersOf } from './tiered';

/** Measured here, asserted nowhere. */
const seen = (what: string, ms: Readonly<Record<string, number>>) =>
  console.info(
    `${what}: ${Object.entries(ms)
      .map(([name, value]) => `${name} ${Math.round(value)}`)
      .join(', ')}`,
  );

describeWith('mariadbd', 'nginx')('npm start -- --phase 3 --servers', () => {
  const data = join(folder(), 'data');
  let shop: RunningShop;
  let staff: Person;
  let customer: Person;
  /** One with plenty in stock. */
  let productId: string;
  let photo: string;
  const crowds: Crowd[] = [];
  let boughtAlone = 0;
  const reserved = () => crowds.reduce((sum, { bought }) => sum + bought.length, boughtAlone);

  const logInBoth = async () => {
    [staff, customer] = [await logIn(shop.url, 'staff'), await logIn(shop.url, 'customer')];
  };
  const stockOf = async () => {
    const { body } = await staff.ask<{ onHand: number; reserved: number; available: number }>(
      'GET',
      `/api/products/${productId}/stock`,
    );
    return body;
  };
  const { app, appLog, record, accessLog, nginxPort, pidOf, said, replaced, administer } = tiersOf(data, () =>
    shop.out(),
  );
  const crowded = (options = {}) => {
    const everybody = crowd({ url: shop.url, token: customer.token, productId, ...options });
    crowds.push(everybody);
    return everybody;
  };

  /** What there is in the end is what was acknowledged: nothing lost, nothing twice. */
  const expectTrueTo = async ({ bought }: Crowd) => {
    const ids = new Set(bought.map(({ reservationId }) => reservationId));
    expect(ids.size).toBe(bought.length);
    expect(await stockOf()).toMatchObject({ reserved: reserved() });
    const sql = await administer('inventory');
    const stored = await sql.query<{ id: string }>('SELECT id FROM reservations');
    const wrong = await checkStock(sql);
    await sql.close();
    const lost = [...ids].filter((id) => !stored.some((row) => row.id === id));
    expect({ lost, wrong }).toEqual({ lost: [], wrong: [] });
  };

  beforeAll(async () => {
    shop = await opened(served(data, 2));
    await logInBoth();
    const { body } = await staff.ask<{ items: { id: string; available: number }[] }>(
      'GET',
      '/api/products?limit=100',
    );
    const most = body.items.reduce((best, one) => (one.available > best.available ? one : best));
    productId = most.id;
    await staff.ask('POST', `/api/products/${productId}/ledger`, { kind: 'received', quantity: 100_000 });
    photo = (await uploadPhoto(staff, shop.url, productId)).shown;
  }, 180_000);
  afterEach(async () => {
    await Promise.all(crowds.map((everybody) => everybody.leave()));
  });
  afterAll(async () => {
    await shop.stop();
    removeFolders();
  });

  it('refuses data that was not moved, and says how to', async () => {
    const before = await stockOf();
    await shop.stop();
    const refused = served(data, 3);
    expect(await refused.ended()).toBe(1);
    expect(refused.err()).toMatch(/^Phase 3 has its data in Aurora and S3, .+ npm run move -- --local\.\n$/);

    shop = await opened(served(data, 2));
    expect(await moved(data)).toMatchObject({ code: 0 });
    await shop.stop();
    shop = await opened(served(data, 3));
    await logInBoth();
    expect(await stockOf()).toEqual(before);
    expect((await fetch(shop.url + photo)).headers.get('content-type')).toBe('image/webp');
  }, 240_000);

  it('says what stands for what, with each log, in 80 columns', () => {
    const usual = shop
      .out()
      .split('\n')
      .map((line) => line.replaceAll(data, '.local'));
    expect(usual.filter((line) => line.length > 80)).toEqual([]);
    const logs = [...shop.out().matchAll(/log (\S+)/g)].map(([, log]) => log ?? '');
    expect(logs.map((log) => existsSync(log))).toEqual(Array(8).fill(true));
    for (const name of ['CDN', 'nginx', 'Read API', 'Write API', 'Aurora', 'S3', 'Try', 'Not here'])
      expect(shop.out()).toContain(`\n  ${name.padEnd(10)} `);
  });

  it('takes new photos, which the CDN has from S3', async () => {
    const { sentTo, shown } = await uploadPhoto(staff, shop.url, productId);
    expect(shop.out()).toContain(`fauxqs stands for it, at ${sentTo.origin}\n`);
    const { headers } = await fetch(shop.url + shown);
    expect(headers.get('content-type')).toBe('image/webp');
    expect((await fetch(`${shop.url}/media/uploads/anything`)).status).toBe(404);
  }, 60_000);

  it('shows who just bought what is left now, whatever others see', async () => {
    const others: number[] = [];
    const products = `${shop.url}/api/products/${productId}`;
    const availableTo = async (headers: Record<string, string>) =>
      ((await (await fetch(products, { headers })).json()) as { available: number }).available;
    for (let turn = 0; turn < 20; turn++) {
      await availableTo({});
      const { headers } = await customer.ask('POST', '/api/reservations', {
        items: [{ productId, quantity: 1 }],
      });
      boughtAlone++;
      const wrote = headers.getSetCookie().find((cookie) => cookie.startsWith('wrote='));
      expect(wrote).toMatch(/^wrote=[\d.]+; Max-Age=60; Path=\/; HttpOnly; SameSite=Lax$/);
      const [other, mine] = [
        await availableTo({}),
        await availableTo({ Cookie: wrote?.split(';')[0] ?? '' }),
      ];
      expect(mine).toBe((await stockOf()).available);
      others.push(other - mine);
    }
    seen('Of 20 purchases not seen at once by others', { purchases: others.filter(Boolean).length });
  }, 60_000);

  it('keeps who reads from writing: 405 from the process, and its accounts may not', async () => {
    const { pid, port } = app('read-1');
    expect(await statusOf(port, 'GET', '/api/products')).toBe(200);
    expect(await statusOf(port, 'POST', '/api/sessions')).toBe(405);
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const urlIn = (name: string) =>
      environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
    const refusals = {
      [urlIn(SETTING.inventoryDatabase)]: ['UPDATE stock SET reserved = 0', 'DELETE FROM ledger'],
      [urlIn(SETTING.usersDatabase)]: ['UPDATE sessions SET last_seen_at = 0', 'DROP TABLE users'],
    };
    for (const [url, statements] of Object.entries(refusals)) {
      const sql = await openSql(url);
      for (const statement of statements) {
        await expect(sql.execute(statement)).rejects.toThrow(
          /command denied to user '(inventory|users)_reader'/,
        );
      }
      await sql.close();
    }
  }, 60_000);

  it('has it written down by who may write that a session was seen', async () => {
    const sql = await administer('users');
    const twoHoursAgo = Date.now() - 2 * 3_600_000;
    await sql.execute('UPDATE sessions SET last_seen_at = ?', [twoHoursAgo]);
    expect((await customer.ask('GET', '/api/users/me')).status).toBe(200);
    const seenSince = 'SELECT id FROM sessions WHERE last_seen_at > ?';
    await eventually(async () => expect(await sql.query(seenSince, [twoHoursAgo])).toHaveLength(1));
    await sql.close();
  }, 60_000);

  it('loses no request when application servers are stopped, one after the other', async () => {
    const everybody = crowded();
    await sleep(500);
    for (const id of ['read-1', 'write-1', 'read-2', 'write-2']) await replaced(id, 'SIGTERM');
    await everybody.leave();
    expect(failuresOf(everybody)).toEqual({ reads: {}, purchases: {} });
    await expectTrueTo(everybody);
    seen('Four application servers were stopped', {
      reads: everybody.reads.length,
      purchases: everybody.bought.length,
    });
  }, 180_000);

  it('fails only purchases under way when application servers are killed, and repeats find what was done', async () => {
    const buyers = 6;
    const everybody = crowded({ buyers });
    await sleep(500);
    for (const id of ['read-1', 'write-1', 'write-2']) await replaced(id, 'SIGKILL');
    await everybody.leave();
    expect(failuresOf(everybody).reads).toEqual({});
    // Each buyer has one request under way at most.
    expect(failedToBuy(everybody).length).toBeLessThanOrEqual(buyers * 2);
    await expectTrueTo(everybody);
    seen('Three application servers were killed', {
      reads: everybody.reads.length,
      purchases: everybody.bought.length,
      'purchases that failed once': failedToBuy(everybody).length,
    });
  }, 180_000);

  it('goes around an application server that does not answer', async () => {
    const readers = 6;
    const { pid, port } = app('read-2');
    const everybody = crowded({ readers, buyers: 0 });
    await sleep(500);
    const before = everybody.reads.length;
    process.kill(pid, 'SIGSTOP');
    await sleep(8000);
    process.kill(pid, 'SIGCONT');
    const meanwhile = everybody.reads.slice(before);
    await everybody.leave();
    expect(failuresOf(everybody).reads).toEqual({});
    const triedAgain = accessLog()
      .filter(({ upstream }) => upstream.startsWith(`127.0.0.1:${port},`))
      .map(({ seconds }) => seconds * 1000);
    // As many as it held when it stopped, and those that tried whether it is back.
    expect(triedAgain.length).toBeLessThanOrEqual(readers * 2);
    expect(meanwhile.length).toBeGreaterThan(triedAgain.length);
    seen('One read server stood still for 8 s', {
      'reads that others answered': meanwhile.length,
      'of these tried there first': triedAgain.length,
      'ms, half of them': percentile(meanwhile, 0.5),
      'ms, 95 of 100': percentile(meanwhile, 0.95),
      'ms, the slowest': percentile(meanwhile, 1),
    });
  }, 120_000);

  it('is held up by nobody who sends slowly: the application sees none of it before it is whole', async () => {
    const path = `/api/products/${productId}/ledger`;
    const body = JSON.stringify({ kind: 'received', quantity: 1 }).padEnd(200);
    const { onHand } = await stockOf();
    const headersOf = (at: number) => ({
      Authorization: `Bearer ${staff.token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
      'X-Forwarded-For': `198.51.100.${at + 1}`,
    });
    const slow = await Promise.all(
      Array.from({ length: 60 }, (_, at) => sendSlowly(nginxPort(), path, headersOf(at), body)),
    );
    const everybody = crowded({ readers: 2, buyers: 2 });
    await sleep(2000);
    const met = () => ['write-1', 'write-2'].flatMap((id) => appLog(id).filter((line) => line.path === path));
    expect(met()).toEqual([]);
    await everybody.leave();
    expect(failuresOf(everybody)).toEqual({ reads: {}, purchases: {} });
    await expectTrueTo(everybody);
    const statuses = await Promise.all(slow.map(({ finish }) => finish()));
    expect(statuses).toEqual(Array(60).fill(201));
    expect(await stockOf()).toMatchObject({ onHand: onHand + 60 });
    expect(met()).toHaveLength(60);
    seen('While 60 sent slowly', {
      'reads answered': everybody.reads.length,
      purchases: everybody.bought.length,
    });
  }, 120_000);

  it('replaces nginx when it is killed, and leaves none of its workers behind', async () => {
    const { pid = 0 } = record().processes.find(({ mark }) => mark.endsWith('nginx.conf')) ?? {};
    /** It and its workers, but for those that have ended and nobody has asked how. */
    const itsGroup = () =>
      spawnSync('ps', ['-eo', 'pgid=,stat='], { encoding: 'utf8' })
        .stdout.split('\n')
        .map((line) => line.trim().split(/ +/))
        .filter(([group, state = 'Z']) => Number(group) === pid && !state.startsWith('Z'));
    expect(itsGroup().length).toBeGreaterThan(1);
    process.kill(pid, 'SIGKILL');
    await said('nginx runs again as');
    await eventually(async () => expect(await statusOf(nginxPort(), 'GET', '/api/categories')).toBe(200));
    await eventually(async () => expect(itsGroup()).toEqual([]));
  });

  it('survives the end of its writer: the standby has every purchase, and sells on', async () => {
    const everybody = crowded();
    await sleep(1000);
    const killedAt = performance.now();
    process.kill(pidOf('writer'), 'SIGKILL');
    await said('The standby writes now');
    const promotedAt = performance.now();
    const sold = everybody.bought.length;
    await eventually(async () => expect(everybody.bought.length).toBeGreaterThan(sold + 20));
    await everybody.leave();
    await expectTrueTo(everybody);
    seen('The writer was killed: ms', {
      'until the standby wrote': promotedAt - killedAt,
      'without a purchase': longestPause(everybody),
      'with failing reads': spanOf(failures(everybody.reads)),
      'with failing purchases': spanOf(failedToBuy(everybody)),
    });
    seen('Requests then', {
      reads: everybody.reads.length,
      'failed reads': failures(everybody.reads).length,
      purchases: everybody.bought.length,
      'failed purchases': failedToBuy(everybody).length,
    });
  }, 120_000);

  it('starts again with what the new writer has, sells on without the standby, and nothing is left behind', async () => {
    const { processes, sockets } = record();
    expect(await shop.stop()).toBe(0);
    expect([processes.filter(isOurs), existsSync(sockets)]).toEqual([[], false]);

    shop = await opened(served(data, 3));
    await logInBoth();
    expect(await stockOf()).toMatchObject({ reserved: reserved() });
    expect(record().processes.map(isOurs)).toEqual(Array(8).fill(true));
    const everybody = crowded();
    await sleep(500);
    process.kill(pidOf('standby'), 'SIGKILL');
    await said('The writer goes on alone');
    const sold = everybody.bought.length;
    await eventually(async () => expect(everybody.bought.length).toBeGreaterThan(sold + 20));
    await everybody.leave();
    expect(failuresOf(everybody)).toEqual({ reads: {}, purchases: {} });
    await expectTrueTo(everybody);
  }, 240_000);

  it('leaves to phase 2 what it has, also when it was killed', async () => {
    const { processes } = record();
    expect(await shop.stop('SIGKILL')).toBe('SIGKILL');
    shop = await opened(served(data, 2));
    expect(processes.filter(isOurs)).toEqual([]);
    await logInBoth();
    expect(await stockOf()).toMatchObject({ reserved: reserved() });
  }, 240_000);
});

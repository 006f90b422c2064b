import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBook } from '../../lab/check/book';
import { checkRows } from '../../lab/check/rows';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { openSql } from '../../lambda/shared/sql/open';

import { isOurs } from '../../local/servers/pidfile';
import { describeWith } from '../host/support';
import { eventually } from '../support/until';
import { inspectTiers } from './inspect-tiers';
import {
  failedToBuy,
  failures,
  failuresOf,
  type Load,
  longestPause,
  lostInPurchases,
  percentile,
  spanOf,
  startLoad,
} from './load';
import { logIn, type ShopClient, uploadPhoto } from './shop-client';
import { folder, moved, opened, type RunningShop, removeFolders, served } from './shop-process';
import { bodyOf, sendSlowly, statusOf } from './tls-client';

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
  let staff: ShopClient;
  let customer: ShopClient;
  /** One with plenty in stock. */
  let productId: string;
  let photo: string;
  const loads: Load[] = [];
  /** The acknowledgements of all loads. */
  const book = createBook();
  let stocked = 100_000;
  let boughtAlone = 0;
  /** The stock if no write was lost, and none done twice. */
  const expectedStock = () => {
    const onHand = stocked - boughtAlone - book.confirmations.size;
    return { onHand, reserved: 0, available: onHand };
  };

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
  const { app, appLog, record, accessLog, nginxPort, pidOf, said, replaced, administer } = inspectTiers(
    data,
    () => shop.out(),
  );
  const underLoad = (options = {}) => {
    const pieces = stocked - boughtAlone;
    const load = { url: shop.url, token: customer.token, productId, pieces, book, ...options };
    const everybody = startLoad(load);
    loads.push(everybody);
    return everybody;
  };

  /** Expects exactly the acknowledged writes in the end: none lost, none twice. */
  const expectTrueTo = async () => {
    expect(await stockOf()).toEqual(expectedStock());
    const schemas = { users: await administer('users'), inventory: await administer('inventory') };
    const wrong = await checkRows(schemas, book, {});
    await Promise.all([schemas.users.close(), schemas.inventory.close()]);
    expect(wrong).toEqual([]);
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
    stocked += most.available;
    await staff.ask('POST', `/api/products/${productId}/ledger`, { kind: 'received', quantity: 100_000 });
    photo = (await uploadPhoto(staff, shop.url, productId)).shown;
  }, 180_000);
  afterEach(async () => {
    await Promise.all(loads.map((everybody) => everybody.stop()));
  });
  afterAll(() => shop?.stop());
  afterAll(removeFolders);

  it('refuses data that was not moved, and says how to', async () => {
    const before = await stockOf();
    await shop.stop();
    const refused = served(data, 3);
    expect(await refused.ended()).toBe(1);
    expect(refused.err()).toMatch(
      /^Phase 3 keeps its data in Aurora and S3, .+ npm run move -- --local\.\n$/,
    );

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
      .map((line) => line.replaceAll(data, '.local').replaceAll(tmpdir(), '/tmp'));
    expect(usual.filter((line) => line.length > 80)).toEqual([]);
    const logs = [...shop.out().matchAll(/log (\S+)/g)].map(([, log]) => log ?? '');
    expect(logs.map((log) => existsSync(log))).toEqual(Array(8).fill(true));
    for (const name of ['CDN', 'nginx', 'Read API', 'Write API', 'Aurora', 'S3', 'Try', 'Left out'])
      expect(shop.out()).toContain(`\n  ${name.padEnd(10)} `);
  });

  it('takes new photos, which the CDN has from S3', async () => {
    const { sentTo, shown } = await uploadPhoto(staff, shop.url, productId);
    expect(shop.out()).toContain(`replaced by fauxqs at ${sentTo.origin}\n`);
    const { headers } = await fetch(shop.url + shown);
    expect(headers.get('content-type')).toBe('image/webp');
    expect((await fetch(`${shop.url}/media/uploads/anything`)).status).toBe(404);
  }, 60_000);

  it('shows the present stock to a client that just bought, whatever others see', async () => {
    const others: number[] = [];
    const products = `${shop.url}/api/products/${productId}`;
    const availableTo = async (headers: Record<string, string>) =>
      ((await (await fetch(products, { headers })).json()) as { available: number }).available;
    const buy = async () => {
      const { headers, body } = await customer.ask<{ id: string }>('POST', '/api/reservations', {
        items: [{ productId, quantity: 1 }],
      });
      boughtAlone++;
      await customer.ask('POST', `/api/reservations/${body.id}/confirm`);
      const wrote = headers.getSetCookie().find((cookie) => cookie.startsWith('wrote='));
      expect(wrote).toMatch(/^wrote=[\w.-]{69}; Max-Age=60; Path=\/; HttpOnly; SameSite=Lax$/);
      return wrote?.split(';')[0] ?? '';
    };
    const knowing = { 'X-Fresh': '1', Cookie: await buy() };
    for (const id of ['read-1', 'read-2']) {
      // Each reads by itself with which key cookies are signed, the first one about a second after it was made.
      await eventually(async () =>
        expect(await statusOf(app(id).port, 'GET', `/api/products/${productId}`, knowing)).toBe(200),
      );
    }
    for (let turn = 0; turn < 20; turn++) {
      await availableTo({});
      const cookie = await buy();
      const [other, mine] = [await availableTo({}), await availableTo({ Cookie: cookie })];
      expect(mine).toBe((await stockOf()).available);
      others.push(other - mine);
    }
    seen('Of 20 purchases not seen at once by others', { purchases: others.filter(Boolean).length });
  }, 60_000);

  it('keeps read servers from writing, by a 405 and by the privileges of their accounts', async () => {
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

  it('stores by a write server that a session was used', async () => {
    const sql = await administer('users');
    const twoHoursAgo = Date.now() - 2 * 3_600_000;
    await sql.execute('UPDATE sessions SET last_seen_at = ?', [twoHoursAgo]);
    expect((await customer.ask('GET', '/api/users/me')).status).toBe(200);
    const seenSince = 'SELECT id FROM sessions WHERE last_seen_at > ?';
    await eventually(async () => expect(await sql.query(seenSince, [twoHoursAgo])).toHaveLength(1));
    await sql.close();
  }, 60_000);

  it('loses no request when application servers are stopped, one after the other', async () => {
    const everybody = underLoad();
    await sleep(500);
    for (const id of ['read-1', 'write-1', 'read-2', 'write-2']) await replaced(id, 'SIGTERM');
    await everybody.stop();
    expect(failuresOf(everybody)).toEqual({ reads: {}, purchases: {} });
    await expectTrueTo();
    seen('Four application servers were stopped', {
      reads: everybody.reads.length,
      purchases: everybody.bought.length,
    });
  }, 180_000);

  it('fails only purchases under way when application servers are killed, and repeats find what was done', async () => {
    const buyers = 6;
    const everybody = underLoad({ buyers });
    await sleep(500);
    for (const id of ['read-1', 'write-1', 'write-2']) await replaced(id, 'SIGKILL');
    await everybody.stop();
    expect(failuresOf(everybody).reads).toEqual({});
    // Each buyer has one request under way at most when a server is killed, and sends one to another that is gone.
    const lost = lostInPurchases(everybody).length;
    expect([failuresOf(everybody).purchases, lost <= buyers * 4]).toEqual([expect.anything(), true]);
    await expectTrueTo();
    seen('Three application servers were killed', {
      reads: everybody.reads.length,
      purchases: everybody.bought.length,
      'purchases that failed once': failedToBuy(everybody).length,
    });
  }, 180_000);

  it('goes around an application server that does not answer', async () => {
    const readers = 6;
    const { pid, port } = app('read-2');
    const everybody = underLoad({ readers, buyers: 0 });
    await sleep(500);
    const before = everybody.reads.length;
    process.kill(pid, 'SIGSTOP');
    await sleep(8000);
    process.kill(pid, 'SIGCONT');
    const meanwhile = everybody.reads.slice(before);
    await everybody.stop();
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

  it('is not delayed by slow clients: the application gets a request only when it is complete', async () => {
    const path = `/api/products/${productId}/ledger`;
    const body = JSON.stringify({ kind: 'received', quantity: 1 }).padEnd(200);
    const headersOf = (at: number) => ({
      Authorization: `Bearer ${staff.token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
      'X-Forwarded-For': `198.51.100.${at + 1}`,
    });
    const slow = await Promise.all(
      Array.from({ length: 60 }, (_, at) => sendSlowly(nginxPort(), path, headersOf(at), body)),
    );
    const everybody = underLoad({ readers: 2, buyers: 2 });
    await sleep(2000);
    const met = () => ['write-1', 'write-2'].flatMap((id) => appLog(id).filter((line) => line.path === path));
    expect(met()).toEqual([]);
    await everybody.stop();
    expect(failuresOf(everybody)).toEqual({ reads: {}, purchases: {} });
    await expectTrueTo();
    const statuses = await Promise.all(slow.map(({ finish }) => finish()));
    expect(statuses).toEqual(Array(60).fill(201));
    stocked += 60;
    expect(await stockOf()).toEqual(expectedStock());
    expect(met()).toHaveLength(60);
    // The next load would take a product that a process kept from before for an answer that is wrong.
    for (const id of ['read-1', 'read-2'])
      await eventually(async () =>
        expect(await bodyOf(app(id).port, `/api/products/${productId}`)).toMatchObject({
          available: expectedStock().available,
        }),
      );
    seen('While 60 sent slowly', {
      'reads answered': everybody.reads.length,
      purchases: everybody.bought.length,
    });
  }, 120_000);

  it('replaces nginx when it is killed, and leaves none of its workers behind', async () => {
    const { pid = 0 } = record().processes.find(({ mark }) => mark.endsWith('nginx.conf')) ?? {};
    /** The process and its workers, without zombies. */
    const itsGroup = () =>
      spawnSync('ps', ['-eo', 'pgid=,stat='], { encoding: 'utf8' })
        .stdout.split('\n')
        .map((line) => line.trim().split(/ +/))
        .filter(([group, state = 'Z']) => Number(group) === pid && !state.startsWith('Z'));
    expect(itsGroup().length).toBeGreaterThan(1);
    process.kill(pid, 'SIGKILL');
    await said('nginx restarted as process');
    await eventually(async () => expect(await statusOf(nginxPort(), 'GET', '/api/categories')).toBe(200));
    await eventually(async () => expect(itsGroup()).toEqual([]));
  });

  it('survives the end of its writer: the standby has every purchase, and sells on', async () => {
    const everybody = underLoad();
    await sleep(1000);
    const killedAt = performance.now();
    process.kill(pidOf('writer'), 'SIGKILL');
    await said('The standby is now the writer');
    const promotedAt = performance.now();
    const sold = everybody.bought.length;
    await eventually(async () => expect(everybody.bought.length).toBeGreaterThan(sold + 20));
    await everybody.stop();
    await expectTrueTo();
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
    // While nobody writes, a read may be refused. No answer may be wrong.
    const { reads } = failuresOf(everybody);
    console.info(`Failed reads: ${JSON.stringify(reads)}`);
    expect(Object.keys(reads).filter((error) => error.startsWith('wrong'))).toEqual([]);
  }, 120_000);

  it('starts again with what the new writer has, sells on without the standby, and nothing is left behind', async () => {
    const { processes, sockets } = record();
    expect(await shop.stop()).toBe(0);
    expect([processes.filter(isOurs), existsSync(sockets)]).toEqual([[], false]);

    shop = await opened(served(data, 3));
    await logInBoth();
    expect(await stockOf()).toEqual(expectedStock());
    expect(record().processes.map(isOurs)).toEqual(Array(8).fill(true));
    const everybody = underLoad();
    await sleep(500);
    process.kill(pidOf('standby'), 'SIGKILL');
    await said('The writer goes on alone');
    const sold = everybody.bought.length;
    await eventually(async () => expect(everybody.bought.length).toBeGreaterThan(sold + 20));
    await everybody.stop();
    expect(failuresOf(everybody)).toEqual({ reads: {}, purchases: {} });
    await expectTrueTo();
  }, 240_000);

  it('leaves its data to phase 2, also when it was killed', async () => {
    const { processes } = record();
    expect(await shop.stop('SIGKILL')).toBe('SIGKILL');
    shop = await opened(served(data, 2));
    expect(processes.filter(isOurs)).toEqual([]);
    await logInBoth();
    expect(await stockOf()).toEqual(expectedStock());
  }, 240_000);
});

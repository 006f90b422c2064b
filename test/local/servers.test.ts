import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRecorder, type Recorder } from '../../lab/history/history';
import { inWords, judge } from '../../lab/history/judge';
import {
  describeStock,
  type StockAnswer,
  type StockRequest,
  stockModel,
} from '../../lab/history/stock-model';
import { isOurs, type Running } from '../../local/servers/pidfile';
import { hasMariaDb } from '../support/mariadb';
import { until } from '../support/until';
import { startRestoreDrill } from './restore-drill';
import { logIn, type ShopClient, uploadPhoto } from './shop-client';
import { command, folder, moved, opened, type RunningShop, removeFolders, served } from './shop-process';

const describeServed = hasMariaDb() ? describe : describe.skip;

const recordOf = (data: string): Running => JSON.parse(readFileSync(join(data, 'servers.json'), 'utf8'));

interface Product {
  readonly id: string;
  readonly available: number;
}

/** Of the seed's, one with plenty in stock. */
async function plentiful(url: string): Promise<Product> {
  const answer = await fetch(`${url}/api/products?limit=100`);
  const { items } = (await answer.json()) as { items: Product[] };
  return items.reduce((most, product) => (product.available > most.available ? product : most));
}

type History = Recorder<StockRequest, StockAnswer>;

/** The pieces that are available, by the record. */
async function lookAt(staff: ShopClient, productId: string, history: History, by: string): Promise<number> {
  const answered = history.begin(by, productId, { kind: 'read' });
  const { body } = await staff.ask<Product>('GET', `/api/products/${productId}/stock`);
  answered({ kind: 'available', pieces: body.available });
  return body.available;
}

/** Written without end by several at once, and read; `stop` says how many were acknowledged. */
async function writers(url: string, productId: string, history: History) {
  const [customer, staff] = [await logIn(url, 'customer'), await logIn(url, 'staff')];
  const count = { received: 0, reserved: 0, refused: 0 };
  let going = true;
  const receive = async (by: string) => {
    const answered = history.begin(by, productId, { kind: 'add', pieces: 3 });
    const path = `/api/products/${productId}/ledger`;
    const { status } = await staff.ask('POST', path, { kind: 'received', quantity: 3 });
    if (status === 201) {
      answered({ kind: 'done' });
      count.received += 3;
    } else count.refused++;
  };
  const reserve = async (by: string) => {
    const answered = history.begin(by, productId, { kind: 'reserve', quantity: 1 });
    const items = [{ productId, quantity: 1 }];
    const { status, body } = await customer.ask<{ id: string }>('POST', '/api/reservations', { items });
    if (status === 201) {
      answered({ kind: 'reserved', id: body.id });
      count.reserved++;
    } else count.refused++;
    const ended = history.begin(by, productId, { kind: 'confirm', id: body.id });
    // Confirmed, since one account may not hold that much.
    const confirmed = await customer.ask('POST', `/api/reservations/${body.id}/confirm`);
    if (confirmed.status === 200) ended({ kind: 'done' });
    else count.refused++;
  };
  const read = async (by: string) => {
    await lookAt(staff, productId, history, by);
  };
  const loop = async (work: (by: string) => Promise<void>, place: number) => {
    while (going) {
      await work(`client ${place}`);
      await sleep(20);
    }
  };
  const loops = [receive, receive, reserve, reserve, read].map(loop);
  return async () => {
    going = false;
    await Promise.all(loops);
    return count;
  };
}

describeServed('npm start -- --phase 2 --servers', () => {
  const data = join(folder(), 'data');
  let shop: RunningShop;
  let product: Product;
  /** The expected stock of the product, by the acknowledged writes. */
  let expected: number;
  const photos: string[] = [];

  /** Calls about the product, through every move and every restart. */
  const history: History = createRecorder(() => performance.now());
  let pieces: number;

  const available = async () => lookAt(await logIn(shop.url, 'staff'), product.id, history, 'the test');
  const judged = () => judge(history.calls(), { modelOf: () => stockModel(pieces), describe: describeStock });
  const photosShown = async () =>
    Promise.all(photos.map(async (path) => (await fetch(shop.url + path)).headers.get('content-type')));
  const movedWhileSelling = async (...args: string[]) => {
    const stop = await writers(shop.url, product.id, history);
    const result = await moved(data, ...args);
    const { received, reserved, refused } = await stop();
    expected += received - reserved;
    expect({ received: received > 30, reserved: reserved > 10, refused }).toEqual({
      received: true,
      reserved: true,
      refused: 0,
    });
    return result;
  };

  beforeAll(async () => {
    shop = await opened(served(data, 2));
    product = await plentiful(shop.url);
    pieces = product.available;
    expected = pieces;
  }, 120_000);
  afterAll(() => shop?.stop());
  afterAll(removeFolders);

  it('names each server and its log, in 80 columns', () => {
    const lines = shop.out().split('\n');
    for (const part of ['Aurora     replaced by MariaDB', 'S3         replaced by fauxqs', 'npm run move'])
      expect(shop.out()).toContain(part);
    const logs = [...shop.out().matchAll(/log (\S+)/g)].map(([, log]) => log ?? '');
    expect(logs.map((log) => existsSync(log))).toEqual([true, true, true, true]);
    // With paths as short as they are without --data.
    const usual = lines.map((line) => line.replaceAll(data, '.local').replaceAll(tmpdir(), '/tmp'));
    expect(usual.filter((line) => line.length > 80)).toEqual([]);
  });

  it('serves pages that may upload to its S3, and photos from the disk before the move', async () => {
    const page = await fetch(shop.url);
    expect(page.headers.get('content-security-policy')).toContain(`connect-src 'self' ${recordOf(data).s3};`);
    const { sentTo, shown } = await uploadPhoto(await logIn(shop.url, 'staff'), shop.url, product.id);
    expect(sentTo.origin).toBe(shop.url);
    photos.push(shown);
    expect(await photosShown()).toEqual(['image/webp']);
  });

  it('moves its data while people shop, and nothing that was acknowledged is lost or done twice', async () => {
    const { code, out } = await movedWhileSelling();
    expect(out).toContain('The data is now in Aurora and S3.');
    expect(code).toBe(0);
    expect(await available()).toBe(expected);
    const { sentTo, shown } = await uploadPhoto(await logIn(shop.url, 'staff'), shop.url, product.id);
    expect(sentTo.origin).toBe(recordOf(data).s3);
    photos.push(shown);
    expect(await photosShown()).toEqual(['image/webp', 'image/webp']);
  }, 120_000);

  it('is restored from a dump into a fresh server, which is the same until somebody writes', async () => {
    const { compare, stop } = await startRestoreDrill(join(recordOf(data).sockets, 'aurora.sock'));
    try {
      expect(await compare()).toMatchObject({ same: true });
      const staff = await logIn(shop.url, 'staff');
      const answered = history.begin('the test', product.id, { kind: 'add', pieces: 1 });
      await staff.ask('POST', `/api/products/${product.id}/ledger`, { kind: 'received', quantity: 1 });
      answered({ kind: 'done' });
      expected += 1;
      expect(await compare()).toMatchObject({ same: false });
    } finally {
      await stop();
    }
  }, 60_000);

  it('follows the marker after a restart, which leaves no process; phase 1 refuses what was moved', async () => {
    const { processes, sockets } = recordOf(data);
    expect(processes.map(isOurs)).toEqual([true, true, true, true]);
    expect(await shop.stop()).toBe(0);
    expect(processes.map(isOurs)).toEqual([false, false, false, false]);
    expect([existsSync(sockets), existsSync(join(data, 'servers.json'))]).toEqual([false, false]);

    const before = served(data, 1);
    expect(await before.ended()).toBe(1);
    expect(before.err()).toContain(
      'Phase 1 keeps its data on the box, but this data was moved to Aurora and S3.',
    );

    shop = await opened(served(data, 2));
    expect(shop.out()).toContain('Data is    in Aurora and S3');
    expect(await available()).toBe(expected);
    expect(await photosShown()).toEqual(['image/webp', 'image/webp']);
  }, 120_000);

  it('starts again after it was killed, with what it had, and never beside what it left', async () => {
    const { processes } = recordOf(data);
    expect(await shop.stop('SIGKILL')).toBe('SIGKILL');
    shop = await opened(served(data, 2));
    expect(processes.map(isOurs)).toEqual([false, false, false, false]);
    expect(await available()).toBe(expected);
  }, 120_000);

  it('tells what differs since, and brings everything back to the box while people shop', async () => {
    const checked = await moved(data, '--check');
    expect(checked.out).toContain('the data is in Aurora and S3');
    expect(checked.code).toBe(1);
    const { code, out } = await movedWhileSelling('--back');
    expect(out).toContain('The data is now on the box.');
    expect(code).toBe(0);
    expect(await available()).toBe(expected);
    await shop.stop();
    shop = await opened(served(data, 1));
    expect(await available()).toBe(expected);
    expect(await photosShown()).toEqual(['image/webp', 'image/webp']);
    const verdict = judged();
    expect(verdict).toMatchObject({ wrong: [], undecided: [] });
    console.info(`there and back: ${inWords(verdict)}`);
  }, 180_000);

  it('leaves nothing behind when it is stopped while it starts, and then starts', async () => {
    await shop.stop();
    const early = served(data, 2);
    await until(() => early.out().includes('Starting'));
    // As a terminal and npm both do it.
    early.process.kill('SIGINT');
    await sleep(20);
    early.process.kill('SIGINT');
    expect(await early.ended()).toBe(1);
    expect(early.err()).toContain('Stopped before the shop was open.');
    expect(existsSync(join(data, 'servers.json'))).toBe(false);
    shop = await opened(served(data, 1));
    expect(await available()).toBe(expected);
  }, 120_000);

  it('says that nothing can be moved where one side runs, and ends when a server does', async () => {
    const { code, out } = await moved(data);
    expect(code).toBe(1);
    expect(out).toContain('Start one: npm start -- --phase 2 --servers');
    const [box] = recordOf(data).processes;
    process.kill(box?.pid ?? 0, 'SIGKILL');
    expect(await shop.ended()).toBe(1);
    expect(shop.err()).toMatch(/^MariaDB for the box ended \(SIGKILL\)\. Its log: /);
  }, 60_000);
});

describe('npm start -- --servers says what is wrong and exits with 1', () => {
  afterAll(removeFolders);

  it('when MariaDB is missing', async () => {
    const shop = served(join(folder(), 'data'), 1, { env: { ...process.env, PATH: folder() } });
    expect(await shop.ended()).toBe(1);
    expect(shop.err()).toMatch(/^--servers needs MariaDB, and .+ apt-get install mariadb-server\./);
  });

  it.each(['7', 'two', '-1'])('when the phase is %s', async (phase) => {
    const shop = command([`--phase=${phase}`, '--port', '0', '--data', join(folder(), 'data')]);
    expect(await shop.ended()).toBe(1);
    expect(shop.err()).toBe(
      `--phase must be one of 1 (Single box), 2 (Users+), 3 (Users++), 4 (Users+++), 5 (Users++++) or 6 (Users+++++), not "${phase}".\n`,
    );
  });
});

describeServed('npm start -- --servers', () => {
  afterAll(removeFolders);

  it('refuses to start when its database is missing, which is no empty shop', async () => {
    const data = join(folder(), 'data');
    mkdirSync(join(data, 'servers'), { recursive: true });
    writeFileSync(join(data, 'servers', 'stocked'), '');
    const shop = served(data, 1);
    expect(await shop.ended()).toBe(1);
    expect(shop.err()).toMatch(/^The database .+servers\/box\/data is missing\./);
  });

  it('ends when its data is deleted while it runs, and says so', async () => {
    const data = join(folder(), 'data');
    const shop = await opened(served(data, 1));
    rmSync(join(data, 'servers', 'box'), { recursive: true });
    expect(await shop.ended()).toBe(1);
    expect(shop.err()).toContain('box/data was deleted, moved or replaced while the shop ran on it');
  });
});

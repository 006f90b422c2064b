import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createLog } from '../../../lambda/shared/runtime/log';
import { phases } from '../../../lib/phases';
import { demoAccounts } from '../../../local/seed/accounts';
import { openShop } from '../../../local/shop';
import { purchaseRows } from '../../../operate/doctor/purchase';
import { cleanup, cleanupServer } from '../../support/cleanup';

const [customer] = demoAccounts;
let url: string;
const asked: string[] = [];

/** A real shop on this machine, with its sample products. */
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-doctor-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  const shop = await openShop(folder, phases[0] as (typeof phases)[0], createLog({ write: () => undefined }));
  cleanup(() => shop.close());
  const listener = getRequestListener(shop.fetch as never);
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    return listener(request, response);
  });
  cleanupServer(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
beforeEach(() => void asked.splice(0));

const available = async () => {
  const { items } = (await (await fetch(`${url}api/products?limit=100`)).json()) as {
    items: { available: number }[];
  };
  return items.reduce((sum, item) => sum + item.available, 0);
};

test('a customer browses, logs in, reserves a piece and releases it', async () => {
  const before = await available();
  const rows = await purchaseRows(url, customer);
  expect(rows.map(({ subject, verdict }) => [subject, verdict])).toEqual([
    ['browse', 'ok'],
    ['log in', 'ok'],
    ['reserve', 'ok'],
    ['release', 'ok'],
  ]);
  for (const { found } of rows) expect(found).toMatch(/^20[01] after \d+ ms$/);
  expect(await available()).toBe(before);
  expect(asked).toContain('DELETE /api/sessions/current');
});

test('without an account, it browses and says what it left out', async () => {
  const rows = await purchaseRows(url, undefined);
  expect(rows).toMatchObject([
    { subject: 'browse', verdict: 'ok' },
    { verdict: 'skipped', found: 'no account: set CANARY_EMAIL, CANARY_PASSWORD' },
  ]);
  expect(asked).toEqual(['GET /api/products?limit=100']);
});

test('a wrong password is a fault in the words of the shop', async () => {
  const rows = await purchaseRows(url, { ...customer, password: 'not this one at all' });
  expect(rows[1]).toMatchObject({
    subject: 'log in',
    verdict: 'mend',
    found: expect.stringMatching(/^401 after \d+ ms: \w/),
  });
});

test('a shop that is away is a fault', async () => {
  const closed = createTcpServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  await once(closed, 'close');
  const rows = await purchaseRows(`http://127.0.0.1:${port}/`, customer);
  expect(rows).toMatchObject([
    { subject: 'browse', verdict: 'mend', found: expect.stringContaining('ECONNREFUSED') },
    { subject: 'log in', verdict: 'skipped' },
  ]);
});

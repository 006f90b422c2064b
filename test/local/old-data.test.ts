import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { fileMarker } from '../../lambda/data-migration/placement/marker-file';
import { acquirePlacementLease } from '../../lambda/data-migration/placement/placement-lease';
import { createLog } from '../../lambda/shared/runtime/log';
import { phases } from '../../lib/phases';
import { openShop } from '../../local/shop';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-old-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a data folder of November 2026 opens with its accounts, its orders and its products', async () => {
  execFileSync('tar', ['-xzf', join(__dirname, 'fixtures/data-dir-2026-11.tar.gz'), '-C', folder]);
  const [phase] = phases;
  if (!phase) throw new Error('There is always a first phase');
  const shop = await openShop(folder, phase, createLog({ write: () => undefined }));
  try {
    expect(shop.isNew).toBe(false);
    const bindings = {} as HttpBindings;
    const ask = async (path: string, init: RequestInit = {}) => {
      const answer = await shop.fetch(new Request(`http://shop.example${path}`, init), bindings);
      // biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
      return { status: answer.status, body: (await answer.json()) as any };
    };
    const credentials = { email: 'early@example.com', password: 'correct horse battery' };
    const loggedIn = await ask('/api/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(credentials),
    });
    expect(loggedIn.status).toBe(201);
    const headers = { authorization: `Bearer ${loggedIn.body.token}` };
    const { items } = (await ask('/api/reservations', { headers })).body;
    expect(items).toMatchObject([{ status: 'confirmed', items: [{ name: 'Enamel kettle', quantity: 1 }] }]);
    expect((await ask('/api/products?q=enamel')).body.items).not.toHaveLength(0);
  } finally {
    await shop.close();
  }
});

test('a marker of November 2026 says where the data is, and that its way back is closed', async () => {
  const written =
    '{"data":"managed","since":"2026-11-20T10:11:12.131Z","by":"2b1c","holder":"8a6e","closed":true}';
  writeFileSync(join(folder, 'placement.3.json'), written);
  const lease = await acquirePlacementLease(fileMarker(folder));
  expect(lease.current()).toBe('managed');
  await expect(lease.mayFlip('box')).rejects.toThrow('closed');
});

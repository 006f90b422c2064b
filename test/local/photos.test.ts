import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { monthStart } from '../../lambda/archive/months';
import { describeWith } from '../host/support';
import { addOldSales } from '../lambda/archive/old-sales';
import { eventually } from '../support/until';
import { inspectTiers } from './inspect-tiers';
import { logIn, type ShopClient, uploadPhoto } from './shop-client';
import { folder, opened, ROOT, type RunningShop, removeFolders, served, watched } from './shop-process';

describeWith('mariadbd', 'nginx')('photos and months of npm start -- --phase 6 --servers', () => {
  const data = join(folder(), 'data');
  let shop: RunningShop;
  let staff: ShopClient;
  let productId: string;
  const { record, administer } = inspectTiers(data, () => shop.out());

  beforeAll(async () => {
    shop = await opened(served(data, 6));
    staff = await logIn(shop.url, 'staff');
    const { body } = await staff.ask<{ items: { id: string }[] }>('GET', '/api/products');
    productId = body.items[0]?.id ?? '';
  }, 300_000);
  afterAll(() => shop?.stop());
  afterAll(removeFolders);

  const picture = async () =>
    (await staff.ask<{ picture: string }>('GET', `/api/products/${productId}`)).body.picture;
  /** A command with `--local`, as a person runs it. */
  const ran = async (program: 'photos' | 'warehouse', ...words: string[]) => {
    const file = join(ROOT, 'bin', `${program}.ts`);
    const args = ['--import', 'tsx', file, ...words, '--local', '--data', data];
    const run = watched(spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] }));
    const code = await run.ended();
    return { code, out: run.out() + run.err() };
  };
  const workerPid = () => record().processes.find(({ mark }) => mark.endsWith('/photo-worker'))?.pid ?? 0;

  it('go from the browser through the queue to the worker, and become the picture of their product', async () => {
    const { shown } = await uploadPhoto(staff, shop.url, productId);
    const [, id = ''] = /photos\/([0-9a-f-]+)\//.exec(shown) ?? [];
    await eventually(async () => expect(await picture()).toContain(id));
    const sql = await administer('inventory');
    expect(await sql.query('SELECT id FROM photos')).toEqual([]);
    await sql.close();
  }, 120_000);

  it('wait for a worker that ended, and go on with the next one', async () => {
    const killed = workerPid();
    // It finishes its poll: one that is killed in it may take a message along, for as long as the time-out.
    process.kill(killed, 'SIGTERM');
    await eventually(async () => expect([0, killed]).not.toContain(workerPid()));
    await uploadPhoto(staff, shop.url, productId);
  }, 120_000);

  it('are shown and moved by a command', async () => {
    expect(await ran('photos', 'show')).toMatchObject({
      code: 0,
      out: expect.stringContaining('belong in DynamoDB'),
    });
    expect(await ran('photos', 'back')).toMatchObject({ code: 0 });
    const sql = await administer('inventory');
    await eventually(async () => expect(await sql.query('SELECT id FROM photos')).toHaveLength(2));
    await sql.close();
    expect((await ran('photos', 'show')).out).toContain('belong in the database');
  }, 120_000);

  it('F7: months leave for the warehouse of this machine by a command, while the shop goes on', async () => {
    const sql = await administer('inventory');
    const at = monthStart(Date.now(), -6);
    await addOldSales(sql, { at, product: productId, count: 6 });
    const [sale] = await sql.query<{ id: string }>('SELECT id FROM reservations ORDER BY id LIMIT 1');
    expect((await ran('warehouse', 'status')).out).toContain('The database has all of its time.');
    expect(await ran('warehouse', 'run')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^loading: .*\nloaded and counted: 1 batches\nidle: /s),
    });
    expect((await ran('warehouse', 'status')).out).toMatch(
      /The warehouse has \d+ ledger lines, 6 reservations/,
    );
    expect((await ran('warehouse', 'query', 'sold')).out).toContain(new Date(at).toISOString().slice(0, 7));
    expect(await ran('warehouse', 'audit')).toMatchObject({ code: 0 });
    expect(await sql.query('SELECT id FROM reservations WHERE id = ?', [sale?.id ?? ''])).toEqual([]);
    await sql.close();
    expect((await staff.ask('GET', `/api/products/${productId}/stock`)).status).toBe(200);
  }, 120_000);
});

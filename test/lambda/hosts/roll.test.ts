import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { SETTING } from '../../../lambda/shared/runtime/settings';
import { type Migration, migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import { setRole } from '../../../lambda/users/accounts/repository';
import { usersMigrations } from '../../../lambda/users/migrations';
import { cleanup } from '../../support/cleanup';
import { describeManaged } from '../../support/engines';
import { eventually } from '../../support/until';
import { hasValkey, startValkey, type ValkeyServer } from '../../support/valkey';
import { PASSWORD } from '../users/support';
import { ask, startProcess } from './processes';

jest.setTimeout(180_000);

const keyed = (headers: Record<string, string>) => ({ ...headers, 'idempotency-key': randomUUID() });

describeManaged('the roll from phase 3 to phase 4, while hosts of both answer', (engine) => {
  if (!hasValkey()) return test.skip('needs Valkey or Redis', () => undefined);
  let valkey: ValkeyServer;
  /** The hosts of phase 3 know of no cache. The relay of the new writer tells it what the old one changed. */
  const hosts = { oldRead: '', oldWrite: '', newRead: '', newWrite: '' };
  let staff: Record<string, string>;
  let customer: Record<string, string>;

  beforeAll(async () => {
    valkey = await startValkey();
    cleanup(() => valkey.stop());
    const folder = mkdtempSync(join(tmpdir(), 'shop-roll-'));
    cleanup(() => rmSync(folder, { recursive: true, force: true }));
    const [users, inventory] = [
      await schema('users', usersMigrations),
      await schema('inventory', inventoryMigrations),
    ];
    const old = {
      [SETTING.usersDatabase]: users,
      [SETTING.inventoryDatabase]: inventory,
      [SETTING.media]: `file:${folder}/media`,
    };
    const cached = { ...old, [SETTING.cache]: valkey.url };
    const start = async (settings: Record<string, string>) => {
      const write = await startProcess({ ...settings, [SETTING.shopRole]: 'write' });
      const read = await startProcess({
        ...settings,
        [SETTING.shopRole]: 'read',
        [SETTING.writeUrl]: write,
      });
      return [read, write] as const;
    };
    [hosts.oldRead, hosts.oldWrite] = await start(old);
    [hosts.newRead, hosts.newWrite] = await start(cached);
    customer = await joined('customer@example.com');
    const sql = await openSql(users);
    staff = await joined('staff@example.com');
    const [row] = await sql.query<{ id: string }>("SELECT id FROM users WHERE email = 'staff@example.com'");
    await setRole(sql, row?.id ?? '', 'staff');
    await sql.close();
  });

  async function schema(name: string, migrations: readonly Migration[]): Promise<string> {
    const sql = await engine.open(name);
    await migrate(sql, migrations);
    return sql.url;
  }
  async function joined(email: string) {
    const account = { email, password: PASSWORD, name: 'Ada' };
    expect((await ask(hosts.oldWrite, 'POST', '/api/users', {}, account)).status).toBe(201);
    const { body } = await ask(hosts.oldWrite, 'POST', '/api/sessions', {}, { email, password: PASSWORD });
    return { authorization: `Bearer ${body.token}` };
  }
  async function product(writer: string, name: string): Promise<string> {
    const given = { name, category: 'Mugs', description: 'Blue', price: { amount: 100, currency: 'USD' } };
    const { status, body } = await ask(writer, 'POST', '/api/products', staff, given);
    expect(status).toBe(201);
    const received = { kind: 'received', quantity: 10 };
    expect(
      (await ask(writer, 'POST', `/api/products/${body.id}/ledger`, keyed(staff), received)).status,
    ).toBe(201);
    return body.id;
  }
  const shown = async (host: string, id: string) => (await ask(host, 'GET', `/api/products/${id}`)).body;
  const everywhereShows = async (id: string, expected: object) => {
    for (const host of [hosts.oldRead, hosts.newRead]) {
      await eventually(async () => expect(await shown(host, id)).toMatchObject(expected));
    }
  };

  test.each(['oldWrite', 'newWrite'] as const)(
    'both show what %s changed, also what they had cached',
    async (writer) => {
      const id = await product(hosts[writer], 'Mug');
      await everywhereShows(id, { name: 'Mug', available: 10 });
      const { headers } = await ask(hosts[writer], 'GET', `/api/products/${id}`);
      const renamed = { ...staff, 'if-match': headers.get('etag') ?? '' };
      const edit = {
        name: 'Cup',
        category: 'Mugs',
        description: 'Red',
        price: { amount: 200, currency: 'USD' },
      };
      expect((await ask(hosts[writer], 'PATCH', `/api/products/${id}`, renamed, edit)).status).toBe(200);
      const items = [{ productId: id, quantity: 3 }];
      expect((await ask(hosts[writer], 'POST', '/api/reservations', keyed(customer), { items })).status).toBe(
        201,
      );
      await everywhereShows(id, { name: 'Cup', available: 7 });
    },
  );

  test('both know a session that began or ended at the other', async () => {
    for (const [begun, ended] of [
      ['oldWrite', 'newWrite'],
      ['newWrite', 'oldWrite'],
    ] as const) {
      const login = { email: 'customer@example.com', password: PASSWORD };
      const { body } = await ask(hosts[begun], 'POST', '/api/sessions', {}, login);
      const session = { authorization: `Bearer ${body.token}` };
      for (const host of [hosts.oldRead, hosts.newRead])
        expect((await ask(host, 'GET', '/api/users/me', session)).status).toBe(200);
      expect((await ask(hosts[ended], 'DELETE', '/api/sessions/current', session)).status).toBe(204);
      for (const host of [hosts.oldRead, hosts.newRead])
        await eventually(async () =>
          expect((await ask(host, 'GET', '/api/users/me', session)).status).toBe(401),
        );
    }
  });

  test('both go on while the cache is gone and when it returns empty', async () => {
    const id = await product(hosts.oldWrite, 'Plate');
    await everywhereShows(id, { available: 10 });
    await valkey.kill();
    await everywhereShows(id, { available: 10 });
    await valkey.restart();
    await everywhereShows(id, { available: 10 });
    expect((await ask(hosts.newRead, 'GET', '/api/users/me', customer)).status).toBe(200);
  });
});

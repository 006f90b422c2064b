import { type Connection, createConnection } from 'mysql2/promise';
import {
  type Fence,
  FenceNotProvenError,
  openFence,
} from '../../../../lambda/data-migration/federation/fence';
import { isRefused } from '../../../../lambda/data-migration/federation/refused';
import { MoverRunningError } from '../../../../lambda/data-migration/mover-lock';
import { isLost } from '../../../../lambda/shared/sql/mysql-errors';
import { closing } from '../../../support/cleanup';
import { openConnection } from '../../../support/database-users';
import { describeFederation, type FederatedSchema, federatedSchema, NOTES } from './federated-schema';

describeFederation('a fence', (engine) => {
  let schema: FederatedSchema;
  let fence: Fence;
  let count = 0;

  beforeAll(async () => {
    schema = await federatedSchema(engine, [NOTES]);
    fence = closing(await openFence(schema.fences.own));
  });
  beforeEach(() => fence.admit());

  const session = () => openConnection({ uri: schema.app.own });
  const insert = (connection: Connection) =>
    connection.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [`${++count}`, `${count}`]);
  const read = (connection: Connection) => connection.execute('SELECT id FROM notes');
  const fateOf = (sent: Promise<unknown>) =>
    sent.then(
      () => 'done',
      (error) => (isRefused(error) ? 'refused' : isLost(error) ? 'lost' : `${error}`),
    );
  const notes = async () => {
    const root = await createConnection({ uri: schema.admin.own });
    const [[row]] = (await root.query('SELECT COUNT(*) AS n FROM notes')) as unknown as [[{ n: number }]];
    await root.end();
    return row.n;
  };

  test('refuses writes of connections that were open before it, also prepared ones, and of new ones', async () => {
    const [idle, used] = [await session(), await session()];
    await insert(used);
    await fence.refuseWrites();
    const before = await notes();
    expect(await fateOf(insert(idle))).toMatch(/refused|lost/);
    expect(await fateOf(insert(used))).toMatch(/refused|lost/);
    expect(await fateOf(insert(await session()))).toBe('refused');
    expect(await notes()).toBe(before);
  });

  test('lets reads pass while it refuses writes', async () => {
    await fence.refuseWrites();
    expect(await fateOf(read(await session()))).toBe('done');
  });

  test('leaves nothing of a transaction that was open, or all of it', async () => {
    const open = await session();
    await open.query('START TRANSACTION');
    await insert(open);
    const before = await notes();
    await fence.refuseWrites();
    const committed = await fateOf(open.query('COMMIT'));
    expect(await notes()).toBe(before + (committed === 'done' ? 1 : 0));
    expect(committed).toBe('lost');
  });

  test('refuses reads too, of open and of new connections, when all is refused', async () => {
    const open = await session();
    await read(open);
    await fence.refuseAll();
    expect(await fateOf(read(open))).toMatch(/refused|lost/);
    expect(await fateOf(session())).toBe('refused');
  });

  test('lets its administrator write while all is refused: the copy is made so', async () => {
    await fence.refuseWrites();
    await fence.refuseAll();
    const root = await openConnection({ uri: schema.admin.own });
    expect(await fateOf(insert(root))).toBe('done');
  });

  test('is opened for connections that were made behind it', async () => {
    await fence.refuseWrites();
    const behind = await session();
    await read(behind);
    await fence.admit();
    expect(await fateOf(insert(behind))).toMatch(/done|lost/);
    expect(await fateOf(insert(await session()))).toBe('done');
  });

  test('is not believed while an account that it does not know of still writes', async () => {
    const root = await openConnection({ uri: schema.admin.shared });
    await root.query(`CREATE USER IF NOT EXISTS other_${process.pid}@localhost IDENTIFIED BY 'other'`);
    const accounts = [{ name: `other_${process.pid}`, host: 'localhost', grants: 'SELECT' }];
    const blind = closing(await openFence({ ...schema.fences.shared, accounts }));
    await expect(blind.refuseWrites()).rejects.toThrow(FenceNotProvenError);
    await blind.close();
  });

  test('belongs to one mover: another one waits in vain', async () => {
    const second = openFence({ ...schema.fences.own, lockWaitSeconds: 0 });
    await expect(second).rejects.toThrow(MoverRunningError);
  });
});

import type { Connection } from 'mysql2/promise';
import type { HereCall, ThereCall } from '../../../../lambda/archive/calls';
import { monthStart } from '../../../../lambda/archive/months';
import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import { openSql } from '../../../../lambda/shared/sql/open';
import { handler as archive } from '../../../../lib/data/warehouse/archive.handler';
import { handler as load } from '../../../../lib/data/warehouse/load.handler';
import { addOldSales, idsHere } from '../../../lambda/archive/old-sales';
import { closing } from '../../../support/cleanup';
import { openAdmin } from '../../../support/database-users';
import { serverEngines } from '../../../support/engines';
import { RedshiftData } from '../../../support/redshift-data';
import { Bucket, contextWith, lambdaEnvironment } from '../../aws';
import { SecretsManager } from '../../secrets-manager';

const MONTHS = 3;
const MINUTE = 60_000;

/** The last of the servers stands for Aurora; it has the schema by its real name. */
const [managed] = serverEngines().slice(-1);

(managed ? describe : describe.skip)('the two functions of the warehouse', () => {
  let admin: Connection;
  let data: RedshiftData;
  let url: string;

  beforeAll(async () => {
    if (!managed) return;
    const { socket } = managed.launch();
    admin = await openAdmin(socket);
    await admin.query("CREATE USER admin IDENTIFIED BY 'master'");
    await admin.query('GRANT ALL ON *.* TO admin');
    await admin.query('CREATE DATABASE inventory CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    const secrets = await SecretsManager.start();
    secrets.set('master', { username: 'admin', password: 'master' });
    const bucket = await Bucket.start();
    data = await RedshiftData.start({
      url: bucket.url,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
    const path = `socketPath=${encodeURIComponent(socket)}`;
    url = `mysql://admin:master@localhost/inventory?${path}`;
    lambdaEnvironment({
      AWS_ENDPOINT_URL_S3: bucket.url,
      AWS_ENDPOINT_URL_REDSHIFT_DATA: data.url,
      DATABASE: `mysql://localhost?${path}`,
      MASTER: 'master',
      BUCKET: 'deployments',
      KEPT_MONTHS: String(MONTHS),
      WORKGROUP: 'shop',
      WAREHOUSE: 'archive',
      LOAD_ROLE: 'arn:aws:iam::123456789012:role/Load',
    });
    jest.spyOn(console, 'log').mockImplementation();
  }, 60_000);

  const here = (call: HereCall, left = 15 * MINUTE) => archive(call, contextWith(left), null);
  const there = (call: ThereCall, left = 15 * MINUTE) => load(call, contextWith(left));

  test('carry a month from the database to the warehouse in turn, and begin nothing late', async () => {
    const sql = closing(await openSql(url));
    await migrate(sql, inventoryMigrations);
    const now = Date.now();
    await addOldSales(sql, { at: monthStart(now, -MONTHS - 1), product: 'p', count: 6 });
    const before = await idsHere(sql);

    expect(await here({ call: 'advance' }, MINUTE)).toBe('draining');
    expect(await there({ call: 'load' })).toBe(0);
    expect(data.texts).toEqual([]);
    expect(await here({ call: 'advance' })).toBe('loading');
    expect(await there({ call: 'load' }, MINUTE)).toBe(0);
    expect(await there({ call: 'load' })).toBe(1);
    expect(await here({ call: 'advance' })).toBe('idle');

    expect((await idsHere(sql)).ledger).toEqual([]);
    expect(await there({ call: 'rows' })).toEqual({
      ledger: before.ledger.length,
      reservations: before.reservations.length,
      items: before.items.length,
    });
    expect(await here({ call: 'status' })).toMatchObject({ exported: { batches: 1, files: 3 } });
    expect(await there({ call: 'ask', question: 'sold', now })).toMatchObject({
      rows: [{ currency: 'EUR', pieces: 4 }],
    });
    expect(await here({ call: 'ask', question: 'sold', now })).toMatchObject({ rows: [] });
  });

  test('refuse a call that they do not have', async () => {
    await expect(here({ call: 'drop' } as never)).rejects.toThrow('No such call');
    await expect(there({ call: 'drop' } as never)).rejects.toThrow('No such call');
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDb } from '../../../lambda/archive/duckdb';
import type { FileTotals } from '../../../lambda/archive/journal';
import type { Row } from '../../../lambda/archive/kinds';
import { parquetOf, totalsOf } from '../../../lambda/archive/parquet';
import { openRedshift } from '../../../lambda/archive/redshift';
import { loadedFiles, type Warehouse, WarehouseUnavailableError } from '../../../lambda/archive/warehouse';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import { openBlobs } from '../../../lambda/shared/blobs/open';
import { openS3Blobs } from '../../../lambda/shared/blobs/s3';
import { lambdaEnvironment } from '../../lib/aws';
import { cleanup, closing } from '../../support/cleanup';
import { RedshiftData } from '../../support/redshift-data';
import { startS3 } from '../../support/s3';
import { until } from '../../support/until';

const PARQUET = 'application/vnd.apache.parquet';
const ROLE = 'arn:aws:iam::123456789012:role/Load';

interface Place {
  readonly warehouse: Warehouse;
  readonly blobs: Blobs;
  readonly data?: RedshiftData;
}

async function onDisk(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-warehouse-test-'));
  cleanup(() => rmSync(folder, { recursive: true }));
  const blobs = await openBlobs(`file:${folder}`);
  return { blobs, warehouse: closing(await openDuckDb(':memory:', blobs)) };
}

async function onAws(): Promise<Place> {
  lambdaEnvironment({});
  const s3 = await startS3();
  const data = await RedshiftData.start(s3);
  const client = { region: 'us-east-1', credentials: s3.credentials };
  const blobs = openS3Blobs(s3.bucket, { ...client, endpoint: s3.url, forcePathStyle: true });
  const warehouse = openRedshift({
    ...{ workgroup: 'shop', database: 'archive', bucket: s3.bucket, roleArn: ROLE, pollMs: 1 },
    config: { ...client, endpoint: data.url },
  });
  return { blobs, data, warehouse: closing(warehouse) };
}

const ledgerRow = (n: number, more: Partial<Row> = {}): Row => ({
  id: `0196${String(n).padStart(32, '0')}`,
  product_id: 'p',
  kind: 'received',
  quantity: n,
  reason: null,
  reservation_id: null,
  created_at: 1_780_000_000_000 + n,
  total: n,
  ...more,
});

describe.each([
  { name: 'DuckDB', open: onDisk },
  { name: 'Redshift, by the Data API', open: onAws },
])('a warehouse on $name', ({ open }) => {
  let place: Place;
  beforeEach(async () => {
    place = await open();
    await place.warehouse.prepare();
  });

  const put = async (name: string, rows: Row[]): Promise<FileTotals> => {
    await place.blobs.put(name, parquetOf('ledger', rows, name), PARQUET);
    return totalsOf('ledger', rows, name);
  };

  test('holds each row as it was: NULL, empty, quotes, every script, and whole numbers up to 2^53', async () => {
    const texts = ['', '~', '=', 'a|b', "it's :files, $1", '\\N', 'größer 🫖', null];
    const rows = texts.map((reason, n) => ledgerRow(n, { reason }));
    const large = ledgerRow(9, { quantity: -(2 ** 53 - 1), reservation_id: 'r', total: -(2 ** 53 - 1) });
    const file = await put('batches/1/ledger/000001.parquet', [...rows, large]);
    await place.warehouse.load('ledger', 'batches/1/ledger/');
    expect(await loadedFiles(place.warehouse, 'ledger', 'batches/1/ledger/')).toEqual([file]);
    const found = await place.warehouse.query<{ reason: string | null; quantity: number }>(
      'SELECT reason, quantity FROM ledger ORDER BY id',
    );
    expect(found.map(({ reason }) => reason)).toEqual([...texts, null]);
    expect(found.at(-1)?.quantity).toBe(-(2 ** 53 - 1));
  });

  test('loads all files of a prefix and no other, and again in the place of the same', async () => {
    const first = await put('batches/1/ledger/000001.parquet', [ledgerRow(1), ledgerRow(2)]);
    const second = await put('batches/1/ledger/000002.parquet', [ledgerRow(3)]);
    await put('batches/10/ledger/000001.parquet', [ledgerRow(4)]);
    for (let n = 0; n < 2; n++) await place.warehouse.load('ledger', 'batches/1/ledger/');
    expect(await loadedFiles(place.warehouse, 'ledger', 'batches/1/ledger/')).toEqual([first, second]);
    expect(await place.warehouse.query('SELECT id FROM ledger')).toHaveLength(3);
    await place.warehouse.prepare();
    expect(await place.warehouse.query('SELECT id FROM ledger')).toHaveLength(3);
  });

  test('a changed digit, a lost NULL or a missing row changes the totals', async () => {
    const rows = [ledgerRow(1), ledgerRow(2)];
    const file = await put('batches/1/ledger/000001.parquet', rows);
    await place.warehouse.load('ledger', 'batches/1/ledger/');
    for (const change of ['SET created_at = created_at + 1', "SET reason = '~'", "SET reason = ''"]) {
      await place.warehouse.query(`UPDATE ledger ${change} WHERE quantity = 1`);
      const [found] = await loadedFiles(place.warehouse, 'ledger', 'batches/1/ledger/');
      expect(found?.rows).toBe(2);
      expect(found?.checksum).not.toBe(file.checksum);
      await place.warehouse.load('ledger', 'batches/1/ledger/');
    }
    expect(await loadedFiles(place.warehouse, 'ledger', 'batches/1/ledger/')).toEqual([file]);
  });

  test('a load that fails leaves what was there', async () => {
    const file = await put('batches/1/ledger/000001.parquet', [ledgerRow(1)]);
    await place.warehouse.load('ledger', 'batches/1/ledger/');
    await place.blobs.put('batches/1/ledger/000002.parquet', Buffer.from('no Parquet'), PARQUET);
    await expect(place.warehouse.load('ledger', 'batches/1/ledger/')).rejects.toThrow();
    expect(await loadedFiles(place.warehouse, 'ledger', 'batches/1/ledger/')).toEqual([file]);
  });

  test('says what is wrong with a statement', async () => {
    await expect(place.warehouse.query('SELECT nothing FROM nowhere')).rejects.toThrow(/nowhere/);
  });
});

describe('Redshift, by the Data API', () => {
  test('COPY names the prefix, the role and the format, and tables are in the order of their keys', async () => {
    const { warehouse, data, blobs } = await onAws();
    await warehouse.prepare();
    const name = 'batches/1/ledger/000001.parquet';
    await blobs.put(name, parquetOf('ledger', [ledgerRow(1)], name), PARQUET);
    await warehouse.load('ledger', 'batches/1/ledger/');
    expect(data?.texts.at(-1)).toBe(
      `COPY ledger FROM 's3://files/batches/1/ledger/' IAM_ROLE '${ROLE}' FORMAT AS PARQUET`,
    );
    expect(data?.texts[0]).toMatch(/^CREATE TABLE IF NOT EXISTS ledger \(.*\) SORTKEY \(id\)$/);
  });

  test('waits for a load that an earlier process left running, so that its rows do not come after the count', async () => {
    const { warehouse, data, blobs } = await onAws();
    if (!data) throw new Error('It has one');
    await warehouse.prepare();
    const name = 'batches/1/ledger/000001.parquet';
    await blobs.put(name, parquetOf('ledger', [ledgerRow(1)], name), PARQUET);
    let resume: () => void = () => undefined;
    data.pause = new Promise((resolve) => {
      resume = resolve;
    });
    const loads = () => data.texts.filter((text) => text.startsWith('COPY')).length;
    const lost = warehouse.load('ledger', 'batches/1/ledger/');
    await until(() => loads() === 1);
    const again = warehouse.load('ledger', 'batches/1/ledger/');
    await until(() => data.listed > 1);
    expect(loads()).toBe(1);
    resume();
    await Promise.all([lost, again]);
    expect(loads()).toBe(2);
    expect(await warehouse.query('SELECT id FROM ledger')).toHaveLength(1);
  });

  test('a warehouse that does not answer is an error of its own, to try again later', async () => {
    const { warehouse, data } = await onAws();
    if (data) data.down = true;
    await expect(warehouse.query('SELECT 1')).rejects.toThrow(WarehouseUnavailableError);
    const nowhere = openRedshift({
      ...{ workgroup: 'shop', database: 'archive', bucket: 'b', roleArn: ROLE },
      config: { endpoint: 'http://127.0.0.1:1', region: 'us-east-1' },
    });
    await expect(nowhere.query('SELECT 1')).rejects.toThrow(WarehouseUnavailableError);
    await nowhere.close();
  });
});

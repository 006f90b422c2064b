import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { photoTable } from '../../lambda/inventory/photos/table-repository';
import { createMemoryTable } from '../../lambda/shared/tables/memory-table';
import type { Item, TableDefinition } from '../../lambda/shared/tables/table';
import { createDirectory } from '../../lambda/users/sharding/directory';
import {
  changeMap,
  DIRECTORY_TABLE,
  mapOfOne,
  readMap,
  type ShardMap,
} from '../../lambda/users/sharding/shard-map';
import { PRICES } from '../../review/cost/prices';

const TABLES: Readonly<Record<string, TableDefinition>> = { photos: photoTable, directory: DIRECTORY_TABLE };

const rows = readFileSync(join(__dirname, '../../docs/decisions/0207-access-patterns-of-dynamodb.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| .+\d\.\d\d \|$/.test(line))
  .map((line) => line.slice(2, -2).split(' | '))
  .map(([access = '', table = '', key = '', , bytes = '', times = '', units = '', usd = '']) => ({
    ...{ access, table, key, usd: Number(usd) },
    bytes: number(bytes),
    times: number(times),
    units: number(units),
    isWrite: units.includes('write'),
  }));
function number(text: string): number {
  return Number(text.replaceAll(',', '').split(' ')[0]);
}

const attributesOf = ({ partition, sort, indexes = {} }: TableDefinition): string[] =>
  [{ partition, sort }, ...Object.values(indexes)].flatMap((schema) =>
    [schema.partition, schema.sort].flatMap((attribute) => attribute?.name ?? []),
  );
const bytesOf = (item: Item): number => Buffer.byteLength(JSON.stringify(item));
const most = (table: string, key: RegExp) =>
  Math.max(...rows.filter((row) => row.table === table && key.test(row.key)).map(({ bytes }) => bytes));

test('F5: every key attribute and index of the code has an access pattern, and no pattern has another one', () => {
  expect(rows.length).toBeGreaterThan(8);
  for (const [name, definition] of Object.entries(TABLES)) {
    const said = rows
      .filter(({ table }) => table === name)
      .flatMap(({ key }) => [...key.matchAll(/`(\w+)`/g)].map(([, word = '']) => word))
      .filter((word) => word !== 'MAP');
    expect([...new Set(said)].sort()).toEqual(
      [...attributesOf(definition), ...Object.keys(definition.indexes ?? {})].sort(),
    );
  }
});

test('F5: units and sums follow from sizes and list prices', () => {
  for (const { access, isWrite, bytes, units, times, usd } of rows) {
    const { usd: price } = PRICES[isWrite ? 'items written' : 'items read'];
    expect([access, usd]).toEqual([access, Math.round((times * units * price) / 1e4) / 100]);
    // A unit reads 4 KB consistently, and writes 1 KB.
    expect([access, units]).toEqual([access, expect.anything()]);
    if (!isWrite) expect(units).toBeGreaterThanOrEqual(bytes / 4096);
    else if (bytes > 1024) expect(units).toBeGreaterThanOrEqual(Math.floor(bytes / 1024));
  }
});

test('F5: items of the directory are as small as it says, and have no e-mail in them', async () => {
  const table = createMemoryTable(DIRECTORY_TABLE);
  const directory = createDirectory({ table, at: () => fail('nothing is read'), now: Date.now });
  const email = `${'a'.repeat(60)}@${'example.'.repeat(20)}com`;
  await directory.claim(email, '01980c6e-0000-7000-8000-000000000000');
  const [entry = {}] = await all(table.scan());
  expect(entry[DIRECTORY_TABLE.partition.name]).toMatch(/^EMAIL#[0-9a-f]{64}$/);
  expect(JSON.stringify(entry)).not.toContain('example');
  expect(bytesOf(entry)).toBeLessThanOrEqual(most('directory', /EMAIL/));
});

test('F5: the map of buckets is as small as it says, while buckets move', async () => {
  const table = createMemoryTable(DIRECTORY_TABLE);
  const moving = Object.fromEntries(
    Array.from({ length: 16 }, (_, bucket) => [
      bucket,
      { to: 1, id: '01980c6e-0000-7000-8000-000000000000' },
    ]),
  ) as ShardMap['moving'];
  await changeMap(table, await readMap(table), {
    ...mapOfOne('users-1'),
    shards: Array.from({ length: 16 }, (_, index) => `users-${index + 1}`),
    moving,
    version: 0,
  });
  const [map = {}] = await all(table.scan());
  expect(map[DIRECTORY_TABLE.partition.name]).toBe('MAP');
  expect(bytesOf(map)).toBeLessThanOrEqual(most('directory', /MAP/));
});

async function all(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function fail(why: string): never {
  throw new Error(why);
}

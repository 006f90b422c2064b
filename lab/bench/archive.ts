/**
 * The cost of a month on its way to the warehouse: `npx tsx lab/bench/archive.ts [sales]`, ten seconds with 30,000.
 * A sale is a reservation, an item and a ledger line. MariaDB, its client, the packing and the disk share this machine;
 * DuckDB stands for the warehouse, so its times say nothing of Redshift.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { advanceArchive } from '../../lambda/archive/archive';
import { openDuckDb } from '../../lambda/archive/duckdb';
import { loadBatches } from '../../lambda/archive/load';
import { monthStart } from '../../lambda/archive/months';
import { addUp, askHere, askThere, QUESTIONS, type QuestionName } from '../../lambda/archive/questions';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { idFloor } from '../../lambda/inventory/month-ids';
import type { Blobs } from '../../lambda/shared/blobs/blobs';
import { openBlobs } from '../../lambda/shared/blobs/open';
import { insertRows } from '../../lambda/shared/sql/bulk-sql';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';
import { startMariaDb } from '../../test/support/mariadb';

const KEPT_MONTHS = 3;
const PRODUCTS = 5000;
const DRAINED_SHARE = 0.1;

async function main(sales: number): Promise<void> {
  const server = await startMariaDb();
  const folder = mkdtempSync(join(tmpdir(), 'bench-archive-'));
  try {
    const admin = await createConnection({ socketPath: server.socket, user: 'root' });
    await admin.query('CREATE DATABASE inventory');
    await admin.end();
    const url = `mysql://root@localhost/inventory?socketPath=${encodeURIComponent(server.socket)}`;
    const sql = await openSql(url, { use: 'maintenance' });
    await migrate(sql, inventoryMigrations);
    const now = Date.now();
    const archive = { sql, now: () => now, keptMonths: KEPT_MONTHS };
    const { blobs, written } = counted(await openBlobs(`file:${folder}`));
    const warehouse = await openDuckDb(':memory:', blobs);

    const drained = Math.round(sales * DRAINED_SHARE);
    await addSales(sql, '', monthStart(now, -1), drained);
    const drain = await timed(() => advanceArchive({ ...archive, blobs }));
    await addSales(sql, 'monthly_', monthStart(now, -KEPT_MONTHS - 1), sales);
    const exported = await timed(() => advanceArchive({ ...archive, blobs }));
    const { bytes } = written();
    const load = await timed(() => loadBatches({ blobs, warehouse }));
    const dropped = await timed(() => advanceArchive({ ...archive, blobs }));
    const rows = sales * 3;
    console.table({
      'moved from the old tables': { rows: drained * 3, seconds: drain, 'rows/s': rate(drained * 3, drain) },
      'exported as Parquet': { rows, seconds: exported, 'rows/s': rate(rows, exported) },
      'loaded and summed up, DuckDB': { rows, seconds: load, 'rows/s': rate(rows, load) },
      'compared, carried, dropped': { rows, seconds: dropped, 'rows/s': rate(rows, dropped) },
    });
    console.log(`${(bytes / rows).toFixed(1)} bytes a row in Parquet`);
    for (const name of Object.keys(QUESTIONS) as QuestionName[]) {
      const seconds = await timed(async () =>
        addUp([await askHere(sql, name, now), await askThere(warehouse, name, now)]),
      );
      console.log(`${name}: ${seconds} s over both halves (${drained * 3} and ${rows} rows)`);
    }
    await warehouse.close();
    await sql.close();
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

const BATCH = 2000;

async function addSales(sql: Sql, part: '' | 'monthly_', from: number, sales: number): Promise<void> {
  for (let start = 0; start < sales; start += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, sales - start) }, (_, n) => start + n);
    // As random as real ones, which decides the size of files.
    const id = (n: number) => `${idFloor(from + n)}-7${random(1.5)}-8${random(1.5)}-${random(6)}`;
    const ids = new Map(some.map((n) => [n, id(n)]));
    const reservation = (n: number) => ids.get(n) ?? '';
    const product = (n: number) =>
      `${idFloor(0)}-7000-8000-${((n * 7919) % PRODUCTS).toString(16).padStart(12, '0')}`;
    await sql.transaction(async (tx) => {
      await insertRows(
        tx,
        `${part}reservations (id, user_id, status, created_at, expires_at)`,
        some.map((n) => [
          reservation(n),
          `user-${n % 997}`,
          n % 4 ? 'confirmed' : 'expired',
          from + n,
          from + n + 900_000,
        ]),
      );
      await insertRows(
        tx,
        `${part}reservation_items (reservation_id, product_id, name, quantity, amount, currency)`,
        some.map((n) => [
          reservation(n),
          product(n),
          `Product ${n % PRODUCTS}, with a name`,
          1 + (n % 3),
          1299,
          'USD',
        ]),
      );
      await insertRows(
        tx,
        `${part}ledger (id, product_id, kind, quantity, reservation_id, created_at)`,
        some.map((n) => [id(n), product(n), 'sold', -1 - (n % 3), reservation(n), from + n]),
      );
    });
  }
}

const random = (bytes: number) =>
  randomBytes(Math.ceil(bytes))
    .toString('hex')
    .slice(0, bytes * 2);

function counted(blobs: Blobs) {
  let bytes = 0;
  const put: Blobs['put'] = async (key, content, type) => {
    bytes += content.length;
    await blobs.put(key, content, type);
  };
  return { blobs: { ...blobs, put }, written: () => ({ bytes }) };
}

/** Seconds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Number(((performance.now() - began) / 1000).toFixed(2));
}

const rate = (rows: number, seconds: number) => Math.round(rows / seconds);

main(Number(process.argv[2] ?? 30_000)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { createCatalog } from '../../lambda/inventory/catalog/service';
import { createKeys } from '../../lambda/inventory/idempotency';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { createNewRows } from '../../lambda/inventory/month-tables';
import { createReserve } from '../../lambda/inventory/reservations/reserve';
import { createStock } from '../../lambda/inventory/stock/service';
import { auditStock } from '../../lambda/inventory/stock/stock-audit';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';
import { hasMariaDb, startMariaDb } from '../../test/support/mariadb';
import { median } from '../analysis/statistics';

/**
 * Reservations a second on one hot product, coalesced and one by one, in turns:
 * `npx tsx lab/bench/reservations.ts [rounds]`.
 */
const BUYERS = 200;
const ROUND_MS = 2000;
const STOCK = 1_000_000;

async function main(rounds: number): Promise<void> {
  const rows: Record<string, string | number>[] = [];
  for (const [engine, open] of Object.entries(engines())) {
    const { sql, stop } = await open();
    await migrate(sql, inventoryMigrations);
    const rates: Record<string, number[]> = { 'one by one': [], coalesced: [] };
    for (let round = 0; round < rounds; round++) {
      for (const [way, measured] of Object.entries(rates))
        measured.push(await rate(sql, way === 'coalesced'));
    }
    const wrong = await auditStock(sql);
    if (wrong.length > 0) throw new Error(`The stock is wrong: ${JSON.stringify(wrong)}`);
    await stop();
    for (const [way, measured] of Object.entries(rates)) {
      rows.push({ engine, way, 'reservations/s (median)': median(measured), all: measured.join(' ') });
    }
  }
  console.log(
    `${BUYERS} buyers on one product, ${rounds} interleaved rounds of ${ROUND_MS / 1000} s, without HTTP`,
  );
  console.table(rows);
}

/**
 * Each buyer reserves one piece again and again, each time with another account, since one account may not hold that
 * many. Each must get its own. HTTP is left out, since it costs the same either way.
 */
async function rate(sql: Sql, coalesced: boolean): Promise<number> {
  const now = Date.now;
  const changed = async () => undefined;
  const newRows = createNewRows(sql, now);
  const reserve = createReserve({ sql, now, newRows, holdMs: 60_000, coalesced, changed });
  const price = { amount: 100, currency: 'USD' };
  const facts = { category: 'x', name: 'Hot', description: '', price, picture: null };
  const { product } = await createCatalog({ sql, now, changed }).create(facts);
  const stock = createStock({ sql, now, keys: createKeys(sql, now), newRows, changed });
  await stock.write(product.id, { kind: 'received', quantity: STOCK, reason: null }, 'staff', randomUUID());
  const got = new Set<string>();
  const started = performance.now();
  const buyer = async (n: number) => {
    for (let turn = 0; performance.now() - started < ROUND_MS; turn++) {
      const account = `${product.id.slice(-12)}-${n}-${turn}`;
      const { result } = await reserve(account, randomUUID(), [{ productId: product.id, quantity: 1 }]);
      got.add(result.id);
    }
  };
  await Promise.all(Array.from({ length: BUYERS }, (_, n) => buyer(n)));
  const seconds = (performance.now() - started) / 1000;
  const { reserved } = await stock.of(product.id);
  if (reserved !== got.size)
    throw new Error(`${got.size} purchases were acknowledged, ${reserved} are reserved`);
  return Math.round(got.size / seconds);
}

type Open = () => Promise<{ readonly sql: Sql; stop(): Promise<void> }>;

function engines(): Record<string, Open> {
  return {
    SQLite: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'));
      const sql = await openSql(`file:${join(folder, 'inventory.db')}`);
      return { sql, stop: () => sql.close().then(() => rmSync(folder, { recursive: true })) };
    },
    ...(hasMariaDb() && {
      'MariaDB, logs flushed at commit': () => openMariaDb(1),
      'MariaDB, logs flushed each second': () => openMariaDb(2),
    }),
  };
}

/** With the binlog on; 1 flushes both logs at each commit (what production needs), 2 leaves it to the system. */
async function openMariaDb(flush: 1 | 2): ReturnType<Open> {
  const server = await startMariaDb();
  const admin = await createConnection({ socketPath: server.socket, user: 'root' });
  await admin.query('CREATE DATABASE inventory CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
  await admin.query(`SET GLOBAL innodb_flush_log_at_trx_commit = ${flush}`);
  await admin.query(`SET GLOBAL sync_binlog = ${flush === 1 ? 1 : 0}`);
  await admin.end();
  const sql = await openSql(
    `mysql://root@localhost/inventory?socketPath=${encodeURIComponent(server.socket)}`,
  );
  return { sql, stop: () => sql.close().then(server.stop) };
}

main(Number(process.argv[2] ?? 5)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

/**
 * The cost of reading reservations in three tables instead of one (decision 0190): CPU time of MariaDB for a call, all
 * ways in one run. `npx tsx lab/bench/union.ts [reservations]`, a minute and a half with 40,000.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { monthStart } from '../../lambda/archive/months';
import { openMonths } from '../../lambda/archive/partitions';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { idFloor } from '../../lambda/inventory/month-ids';
import { ownReservation, ownReservations } from '../../lambda/inventory/reservations/repository';
import { insertRows } from '../../lambda/shared/sql/bulk-sql';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql, Statements } from '../../lambda/shared/sql/sql';
import { startMariaDb } from '../../test/support/mariadb';
import { median } from '../analysis/statistics';

const MONTHS = 4;
const USERS = 2000;
const PAGE = 20;
const ROUNDS = 7;
const CALLS = 1500;

interface Buyer {
  readonly user: string;
  /** Their newest reservation. */
  readonly id: string;
}

type Ask = (sql: Statements, buyer: Buyer) => Promise<unknown>;

const CALL: Readonly<Record<string, { readonly union: Ask; readonly alone: Ask }>> = {
  'one reservation, with its items': {
    union: (sql, { user, id }) => ownReservation(sql, user, id),
    alone: async ({ query }, { user, id }) => {
      await query(`${SELECT} WHERE id = ? AND user_id = ?`, [id, user]);
      await query(`${ITEMS} = ? ORDER BY reservation_id, product_id`, [id]);
    },
  },
  'a list of twenty, with their items': {
    union: (sql, { user }) => ownReservations(sql, user, { limit: PAGE }),
    alone: async ({ query }, { user }) => {
      const rows = await query<{ id: string }>(
        `${SELECT} FORCE INDEX (reservations_by_user) WHERE user_id = ? ORDER BY id DESC LIMIT ${PAGE + 1}`,
        [user],
      );
      const ids = rows.slice(0, PAGE).map(({ id }) => id);
      await query(`${ITEMS} IN (${ids.map(() => '?').join(', ')}) ORDER BY reservation_id, product_id`, ids);
    },
  },
};

const SELECT = 'SELECT id, status, created_at AS createdAt, expires_at AS expiresAt FROM reservations';
const ITEMS = `SELECT reservation_id AS reservationId, product_id AS productId, name, quantity, amount, currency
  FROM reservation_items WHERE reservation_id`;

async function main(reservations: number): Promise<void> {
  const server = await startMariaDb();
  try {
    const pid = Number(readFileSync(join(dirname(server.socket), 'pid'), 'utf8'));
    const before = await open(server.socket, 'before_months', '', reservations);
    const after = await open(server.socket, 'in_months', 'monthly_', reservations);
    const table: Record<string, Record<string, string>> = {};
    for (const [call, { union, alone }] of Object.entries(CALL)) {
      const ways = {
        'one table': { ...before, ask: alone },
        'three, all rows in the first': { ...before, ask: union },
        'three, all rows in months': { ...after, ask: union },
      };
      const us = await measured(pid, ways);
      const least = us['one table'] ?? 0;
      table[call] = Object.fromEntries(
        Object.entries(us).map(([way, each]) => [
          way,
          `${each.toFixed(0)} us (${(each / least).toFixed(2)})`,
        ]),
      );
    }
    console.table(table);
    await before.sql.close();
    await after.sql.close();
  } finally {
    await server.stop();
  }
}

interface Way {
  readonly sql: Sql;
  readonly buyers: readonly Buyer[];
  readonly ask: Ask;
}

/** Median CPU time of the server for a call, in microseconds; rounds of all ways take turns. */
async function measured(pid: number, ways: Readonly<Record<string, Way>>): Promise<Record<string, number>> {
  const us: Record<string, number[]> = {};
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, { sql, buyers, ask }] of Object.entries(ways)) {
      const before = cpuUs(pid);
      for (let n = 0; n < CALLS; n++) await ask(sql, buyers[(n * 7919) % buyers.length] as Buyer);
      // The first round fills the memory.
      if (round > 0) us[name] = [...(us[name] ?? []), (cpuUs(pid) - before) / CALLS];
    }
  return Object.fromEntries(Object.entries(us).map(([name, each]) => [name, median(each)]));
}

/** A schema whose reservations are spread over the months that stay. */
async function open(socket: string, schema: string, part: '' | 'monthly_', reservations: number) {
  const admin = await createConnection({ socketPath: socket, user: 'root' });
  await admin.query(`CREATE DATABASE ${schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  await admin.end();
  const url = `mysql://root@localhost/${schema}?socketPath=${encodeURIComponent(socket)}`;
  const sql = await openSql(url);
  await migrate(sql, inventoryMigrations);
  const now = Date.now();
  const first = monthStart(now, 1 - MONTHS);
  await openMonths(sql, now, first);
  const step = (now - first) / reservations;
  const buyers = new Map<string, string>();
  const all = Array.from({ length: reservations }, (_, n) => {
    const at = Math.floor(first + n * step);
    const id = `${idFloor(at)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
    const user = `user-${n % USERS}`;
    buyers.set(user, id);
    return { id, user, at, n };
  });
  for (let start = 0; start < all.length; start += 1000) {
    const some = all.slice(start, start + 1000);
    await insertRows(
      sql,
      `${part}reservations (id, user_id, status, created_at, expires_at)`,
      some.map(({ id, user, at }) => [id, user, 'confirmed', at, at + 900_000]),
    );
    await insertRows(
      sql,
      `${part}reservation_items (reservation_id, product_id, name, quantity, amount, currency)`,
      some.map(({ id, n }) => [id, `product-${n % 997}`, 'Product with a name', 1, 1299, 'USD']),
    );
  }
  return { sql, buyers: [...buyers].map(([user, id]) => ({ user, id })) };
}

/** CPU time of all threads of a process, from /proc. */
function cpuUs(pid: number): number {
  const [, utime, stime] =
    /\) .(?: \S+){10} (\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  return (Number(utime) + Number(stime)) * 10_000;
}

main(Number(process.argv[2] ?? 40_000)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

/**
 * Measures the database's own cache: reads of 50,000 products by Zipf 1.0 with memory for a tenth of the data, as a
 * capacity that fell to its minimum at night leaves it, and with memory for all.
 * `npx tsx lab/bench/buffer-pool.ts [products]`; two minutes. The files are in the memory of the operating system, so a
 * read that misses costs more on a real volume.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { findProduct } from '../../lambda/inventory/catalog/repository';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';
import { answering } from '../../test/support/database-server';
import { launchMariaDb } from '../../test/support/mariadb';
import { median } from '../analysis/statistics';
import { seeded } from '../load/random';
import { openDatabaseProbe } from '../measure/database';
import { zipf } from '../scenarios/zipf';
import { stockProducts } from '../servers/stock';

const MEMORY = { 'a tenth of the data': '8M', 'all data': '512M' } as const;
const ROUNDS = 5;
const READS = 4000;

interface Side {
  readonly sql: Sql;
  readonly ids: readonly string[];
  readonly pid: number;
  readonly probe: Awaited<ReturnType<typeof openDatabaseProbe>>;
  stop(): Promise<void>;
}

async function main(products: number): Promise<void> {
  const sides = new Map<string, Side>();
  try {
    for (const [name, memory] of Object.entries(MEMORY)) {
      console.error(`Stocking ${products} products in a server with memory for ${name}`);
      sides.set(name, await open(memory, products));
    }
    const us: Record<string, number[]> = {};
    const misses: Record<string, number[]> = {};
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [name, side] of sides) {
        const measured = await read(side, round);
        // The first one fills the memory.
        if (round === 0) continue;
        us[name] = [...(us[name] ?? []), measured.us];
        misses[name] = [...(misses[name] ?? []), measured.misses];
      }
    }
    console.table(
      Object.fromEntries(
        [...sides.keys()].map((name) => [
          name,
          {
            'database CPU us a read': median(us[name] ?? []).toFixed(1),
            'pages from the disk, 1,000 reads': median(misses[name] ?? []).toFixed(1),
          },
        ]),
      ),
    );
  } finally {
    for (const side of sides.values()) await side.stop();
  }
}

async function open(memory: string, products: number): Promise<Side> {
  const server = launchMariaDb(`--innodb-buffer-pool-size=${memory}`);
  await answering(server.socket);
  const admin = await createConnection({ socketPath: server.socket, user: 'root' });
  await admin.query('CREATE DATABASE inventory CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
  await admin.end();
  const sql = await openSql(
    `mysql://root@localhost/inventory?socketPath=${encodeURIComponent(server.socket)}`,
  );
  await migrate(sql, inventoryMigrations);
  const shelves = await stockProducts(sql, products);
  const probe = await openDatabaseProbe([server.socket]);
  return {
    ...{ sql, probe, ids: shelves.map(({ id }) => id) },
    pid: Number(readFileSync(join(dirname(server.socket), 'pid'), 'utf8')),
    stop: async () => {
      await probe.close();
      await sql.close();
      await server.stop();
    },
  };
}

/** A tenth of the products are popular ones that lie anywhere in the table, as they do in a shop. */
async function read({ sql, ids, pid, probe }: Side, seed: number) {
  const random = seeded(seed);
  const rank = zipf(ids.length, 1, random);
  const [before, cpu] = [await probe.read(), cpuUs(pid)];
  for (let n = 0; n < READS; n++) await findProduct(sql, ids[(rank() * 7919) % ids.length] ?? '');
  const after = await probe.read();
  return {
    us: (cpuUs(pid) - cpu) / READS,
    misses: ((after.bufferPoolReads - before.bufferPoolReads) / READS) * 1000,
  };
}

/** CPU time of all threads of a process, from /proc. */
function cpuUs(pid: number): number {
  const [, utime, stime] =
    /\) .(?: \S+){10} (\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  return (Number(utime) + Number(stime)) * 10_000;
}

main(Number(process.argv[2] ?? 50_000)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

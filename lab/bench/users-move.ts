/**
 * Moves a million users, each with a session, from one MariaDB to another as the step to phase 6 does, while sessions are
 * used and begun: how long all of it takes, how long writes are fenced for the last rows, and how long a write waited.
 * `npx tsx lab/bench/users-move.ts [users]`; about three minutes.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { Report } from '../../lambda/data-migration/control/progress';
import { federatedSql } from '../../lambda/data-migration/federation/federated-sql';
import { followPlacement } from '../../lambda/data-migration/federation/follower';
import { AT_FIRST, type Home } from '../../lambda/data-migration/federation/home';
import { openFederation } from '../../lambda/data-migration/federation/open-federation';
import { fileMarker } from '../../lambda/data-migration/placement/marker-file';
import { insertRows } from '../../lambda/shared/sql/bulk-sql';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';
import { insertSession, setSeen } from '../../lambda/users/sessions/repository';
import { startUsersServer } from './users-server';

const log = pino({ level: 'silent' });
const WRITERS = 4;
/** Between two writes of a writer: together they make about 100 a second. */
const PAUSE_MS = 40;
const LATE_MS = 250;
const HOUR_MS = 3_600_000;

async function main(users: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'));
  const marker = fileMarker<Home>(folder);
  const [shared, own] = await Promise.all([startUsersServer(), startUsersServer()]);
  try {
    console.error(`Making ${users.toLocaleString('en')} users with a session each`);
    const maintenance = await openSql(shared.admin, { use: 'maintenance' });
    await fill(maintenance, users);
    await maintenance.close();

    const follower = await followPlacement(marker, AT_FIRST, log);
    const host = federatedSql({
      sides: { shared: await openSql(shared.app), own: await openSql(own.app) },
      follower,
    });
    const work = write(host, users);
    const homes = {
      shared: { fence: shared.fence, open: () => openSql(shared.admin, { use: 'maintenance' }) },
      own: { fence: own.fence, open: () => openSql(own.admin, { use: 'maintenance' }) },
    };
    const { mover, close } = await openFederation({ marker, homes, log });
    const start = performance.now();
    let last = '';
    const report: Report = async ({ step, pass, done, total }) => {
      const line = `${step} ${pass}`;
      if (line !== last)
        console.error(`${seconds(performance.now() - start)}: ${line} (${done} of ${total})`);
      last = line;
    };
    const moved = await mover.move('own', 'bench', { report });
    const took = performance.now() - start;
    await sleep(2000);
    const told = await work.stop();
    await close();
    await follower.stop();
    await host.close();
    const lost = await missing(own.admin, told.begun);
    console.log(
      [
        `${users.toLocaleString('en')} users: moved in ${seconds(took)}, ${moved.rowsCarried.toLocaleString('en')} rows, ${moved.passes} passes`,
        `writes were fenced for ${moved.frozenMs} ms; the longest write took ${Math.round(told.longestMs)} ms, and ${told.late} took more than ${LATE_MS} ms`,
        `${told.writes} writes, ${told.refused} refused with Retry-After, ${lost} of ${told.begun.length} acknowledged sessions lost`,
      ].join('\n'),
    );
  } finally {
    await Promise.all([shared.stop(), own.stop()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Sessions are used, and new ones begin, until `stop`. */
function write(sql: Sql, users: number) {
  const begun: string[] = [];
  let [writes, refused, stopped] = [0, 0, false];
  let [longestMs, late] = [0, 0];
  const one = async () => {
    const n = Math.floor(Math.random() * users);
    const at = Date.now();
    if (Math.random() < 0.5)
      return setSeen(
        sql,
        { id: idOf(n), lastSeenAt: 0 },
        0,
        at + HOUR_MS + Math.floor(Math.random() * HOUR_MS),
      );
    const session = {
      ...{ id: randomUUID(), userId: idOf(n), userAgent: null },
      ...{ createdAt: at, lastSeenAt: at, expiresAt: at + HOUR_MS },
    };
    await insertSession(sql, session, randomUUID());
    begun.push(session.id);
  };
  const writer = async () => {
    while (!stopped) {
      const start = performance.now();
      await one().catch(() => refused++);
      const ms = performance.now() - start;
      longestMs = Math.max(longestMs, ms);
      if (ms > LATE_MS) late++;
      writes++;
      await sleep(PAUSE_MS * 2 * Math.random());
    }
  };
  const running = Promise.all(Array.from({ length: WRITERS }, writer));
  return {
    stop: async () => {
      stopped = true;
      await running;
      return { begun, writes, refused, longestMs, late };
    },
  };
}

async function missing(url: string, ids: readonly string[]): Promise<number> {
  const sql = await openSql(url, { use: 'maintenance' });
  let found = 0;
  for (const id of ids) found += (await sql.query('SELECT id FROM sessions WHERE id = ?', [id])).length;
  await sql.close();
  return ids.length - found;
}

const THOUSAND = 1000;
const idOf = (n: number): string => `0193a5b0-7c1e-7000-8000-${String(n).padStart(12, '0')}`;

/** Rows of the width of real ones, made inside the database. */
async function fill(sql: Sql, users: number): Promise<void> {
  await sql.execute('CREATE TABLE digits (n BIGINT PRIMARY KEY)');
  await insertRows(
    sql,
    'digits (n)',
    Array.from({ length: THOUSAND }, (_, n) => [n]),
  );
  const hash = `$argon2id$v=19$m=19456,t=2,p=1$${'x'.repeat(22)}$${'y'.repeat(43)}`;
  for (let from = 0; from < users; from += 100 * THOUSAND) {
    const n = `${from} + a.n * ${THOUSAND} + b.n`;
    const id = `CONCAT('${idOf(0).slice(0, 24)}', LPAD(${n}, 12, '0'))`;
    const rows = `FROM digits a JOIN digits b WHERE a.n < 100 AND ${n} < ${users} ORDER BY a.n, b.n`;
    await sql.execute(
      `INSERT INTO users (id, email, name, role, password_hash, created_at)
       SELECT ${id}, CONCAT(${n}, '@customers.example'), 'One of many', 'customer', '${hash}', 0 ${rows}`,
    );
    await sql.execute(
      `INSERT INTO sessions (id, user_id, token_hash, user_agent, created_at, last_seen_at, expires_at)
       SELECT ${id}, ${id}, SHA2(${n}, 256), 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0)', 0, 0,
         ${Date.now() + 24 * HOUR_MS} ${rows}`,
    );
  }
  await sql.execute('DROP TABLE digits');
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

main(Number(process.argv[2] ?? 1_000_000)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

/**
 * Measures one database server of users that is not divided, beside one and two that are: CPU time of each server for a
 * sign-up, a log-in and a stored use of a session, in interleaved rounds. On two cores throughput cannot double; what the
 * busier of two servers spends says how much more both would take.
 * `npx tsx lab/bench/shards.ts [rounds]`; about three minutes with 5.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { openShardedUsers, type UsersStore } from '../../lambda/hosts/users-store';
import { openSql } from '../../lambda/shared/sql/open';
import { createMemoryTable } from '../../lambda/shared/tables/memory-table';
import { createPasswords } from '../../lambda/users/passwords';
import { createUsers } from '../../lambda/users/service';
import { BUCKETS } from '../../lambda/users/sharding/buckets';
import { changeMap, DIRECTORY_TABLE, mapOfOne, readMap } from '../../lambda/users/sharding/shard-map';
import { singleShard } from '../../lambda/users/sharding/user-shards';
import { median } from '../analysis/statistics';
import { startUsersServer, type UsersServer } from './users-server';

const EACH = 1500;
/** For each server: commits that come together cost less. */
const CONCURRENT = 32;
const IDLE_MS = 2000;
const HOUR_MS = 3_600_000;
const KINDS = ['sign-up', 'log-in', 'use of a session'] as const;
type Kind = (typeof KINDS)[number];

interface Side {
  /** CPU microseconds of each server, by kind, for one request of it. */
  round(): Promise<Record<Kind, number[]>>;
  close(): Promise<void>;
}

async function main(rounds: number): Promise<void> {
  const sides = [await open(1, undivided), await open(1, divided), await open(2, divided)] as const;
  // By kind, then by side: CPU of all its servers, and of the busiest.
  const measured = KINDS.map(() => sides.map(() => ({ all: [] as number[], busiest: [] as number[] })));
  try {
    // The first one warms all up.
    for (let round = 0; round <= rounds; round++) {
      console.error(`Round ${round} of ${rounds}`);
      for (const [index, side] of sides.entries()) {
        const costs = await side.round();
        for (const [k, kind] of round === 0 ? [] : KINDS.entries()) {
          measured[k]?.[index]?.all.push(costs[kind].reduce((sum, us) => sum + us, 0));
          measured[k]?.[index]?.busiest.push(Math.max(...costs[kind]));
        }
      }
    }
  } finally {
    await Promise.all(sides.map(({ close }) => close()));
  }
  console.table(Object.fromEntries(KINDS.map((kind, k) => [kind, rowOf(measured[k] ?? [])])));
}

function rowOf(sides: readonly { readonly all: number[]; readonly busiest: number[] }[]) {
  const [one, fenced, two] = sides.map(({ all }) => median(all)) as [number, number, number];
  const busier = median(sides[2]?.busiest ?? []);
  return {
    'one, not divided, us': one.toFixed(0),
    'one shard, us': fenced.toFixed(0),
    'two shards, us': two.toFixed(0),
    'the busier of two, us': busier.toFixed(0),
    'two take, of one not divided': (one / busier).toFixed(2),
    'two take, of one shard': (fenced / busier).toFixed(2),
  };
}

async function open(
  count: number,
  storeOn: (servers: readonly UsersServer[]) => Promise<UsersStore>,
): Promise<Side> {
  const servers = await Promise.all(Array.from({ length: count }, startUsersServer));
  const store = await storeOn(servers);
  let now = Date.now();
  let asked = 0;
  const users = createUsers({
    ...{ sql: store, log: pino({ level: 'silent' }), now: () => now },
    // They cost the app, and not the database.
    passwords: createPasswords({ memoryCost: 64, timeCost: 1, parallelism: 1 }),
    // Each from an address of its own, so that no budget is used up.
    clientIp: () => [10, ++asked >> 16, (asked >> 8) & 255, asked & 255].join('.'),
  });
  const ask = async (path: string, body: object | undefined, token?: string) => {
    const answer = await users.app.request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as { token?: string });
  };
  const cpu = () => servers.map(({ pid }) => cpuUs(pid));
  /** CPU of each server, in microseconds a millisecond, while nobody asks it: a slow machine would count more of it. */
  let idle = servers.map(() => 0);
  /** CPU of each server for one of `EACH` pieces of work, less that of the idle server. */
  const costOf = async (work: (n: number) => Promise<unknown>): Promise<number[]> => {
    const [before, start] = [cpu(), performance.now()];
    let next = 0;
    const worker = async () => {
      while (next < EACH) await work(next++);
    };
    await Promise.all(Array.from({ length: CONCURRENT * count }, worker));
    const ms = performance.now() - start;
    return cpu().map((us, index) => (us - (before[index] ?? 0) - (idle[index] ?? 0) * ms) / EACH);
  };
  let rounds = 0;
  return {
    round: async () => {
      rounds += 1;
      const [before, start] = [cpu(), performance.now()];
      await sleep(IDLE_MS);
      const ms = performance.now() - start;
      idle = cpu().map((us, index) => (us - (before[index] ?? 0)) / ms);
      const email = (n: number) => `${rounds}-${n}@customers.example`;
      const password = 'correct horse battery';
      const tokens: string[] = [];
      const signUp = await costOf((n) => ask('/api/users', { email: email(n), password, name: 'Ada' }));
      const logIn = await costOf(async (n) => {
        const { token = '' } = await ask('/api/sessions', { email: email(n), password });
        tokens.push(token);
      });
      now += 2 * HOUR_MS;
      const use = await costOf((n) => ask('/api/sessions/current/seen', undefined, tokens[n]));
      return { 'sign-up': signUp, 'log-in': logIn, 'use of a session': use };
    },
    close: async () => {
      await store.close();
      await Promise.all(servers.map(({ stop }) => stop()));
    },
  };
}

async function undivided([server]: readonly UsersServer[]): Promise<UsersStore> {
  const sql = await openSql(server?.app ?? '');
  return { ...singleShard(sql), close: sql.close };
}

/** The buckets dealt out in turns. The table with the map and the e-mails is in memory. */
async function divided(servers: readonly UsersServer[]): Promise<UsersStore> {
  const names = servers.map((_, index) => `users-${index + 1}`);
  const homes = Array.from({ length: BUCKETS }, (_, bucket) => bucket % names.length);
  const opened = await Promise.all(servers.map(({ app }) => openSql(app)));
  for (const [index, sql] of opened.entries()) {
    const own = homes.flatMap((home, bucket) => (home === index ? [bucket] : []));
    for (const bucket of own)
      await sql.execute("INSERT INTO buckets (bucket, state, owner) VALUES (?, 'here', '')", [bucket]);
  }
  const table = createMemoryTable(DIRECTORY_TABLE);
  const complete = { ...mapOfOne(''), shards: names, homes, directoryComplete: true, version: 0 };
  await changeMap(table, await readMap(table), complete);
  const shards = Object.fromEntries(names.map((name, index) => [name, opened[index]]));
  const [alone] = opened;
  if (!alone) throw new Error('There is one server at least');
  return openShardedUsers({ ...table, close: () => undefined }, alone, shards as never);
}

/** CPU time of all threads of a process, in steps of a hundredth of a second, from /proc. */
function cpuUs(pid: number): number {
  const [, utime, stime] =
    /\) .(?: \S+){10} (\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  return (Number(utime) + Number(stime)) * 10_000;
}

main(Number(process.argv[2] ?? 5)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

import { setTimeout as sleep } from 'node:timers/promises';
import type { Cache } from '../../../../lambda/shared/cache/cache';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { freshly } from '../../../../lambda/shared/sql/freshly';
import { heartbeatMigrations, startHeartbeat } from '../../../../lambda/shared/sql/heartbeat';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import { openSql } from '../../../../lambda/shared/sql/open';
import { REPLICA_LIMITS } from '../../../../lambda/shared/sql/replica-health';
import {
  type ReplicatedOptions,
  type ReplicatedSql,
  replicatedSql,
} from '../../../../lambda/shared/sql/replicated';
import { DatabaseUnavailableError, type Sql } from '../../../../lambda/shared/sql/sql';
import type { DatabaseServer } from '../../../support/database-server';
import { hasMariaDb } from '../../../support/mariadb';
import { type Replica, type ReplicatedServers, startReplicated } from '../../../support/replicas';
import { type CacheServer, caches } from '../cache/caches';

jest.setTimeout(120_000);

/** nginx waits for a read this long. */
const LONGEST_MS = 5000;
const PRIMARY = 1;
const [FIRST, SECOND] = [2, 3];
/** On a busy machine, a replica that is well takes long to answer. */
const UNHURRIED = { ...REPLICA_LIMITS, answer: 30_000 };
/** Replicas that are used however far behind they are. */
const PATIENT = { ...UNHURRIED, lag: 3_600_000, age: 3_600_000 };

(hasMariaDb() ? describe : describe.skip)('a schema with two replicas, on MariaDB', () => {
  let servers: ReplicatedServers;
  let primary: DatabaseServer;
  let replicas: readonly Replica[];
  let first: Replica;
  /** At the primary, past the decorator. */
  let direct: Sql;
  let stopHeartbeat: () => Promise<void>;
  const opened: Sql[] = [];
  const lines: string[] = [];
  const log = createLog({ write: (line: string) => void lines.push(line) });

  beforeAll(async () => {
    servers = await startReplicated(2);
    ({ primary, replicas } = servers);
    [first] = replicas as [Replica];
    const admin = await openSql(servers.url(primary, 'mysql'));
    await admin.execute('CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    await admin.close();
    direct = await openSql(servers.url(primary, 'shop'));
    await migrate(direct, heartbeatMigrations);
    await direct.execute('CREATE TABLE things (id INT PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB');
    await direct.execute('INSERT INTO things (id, n) VALUES (1, 0)');
    stopHeartbeat = startHeartbeat(direct, log);
  });
  afterAll(async () => {
    await stopHeartbeat?.();
    await direct?.close();
    await servers?.stop();
  });
  afterEach(async () => {
    for (const sql of opened.splice(0)) await sql.close();
  });

  async function open(options: Partial<ReplicatedOptions> = {}): Promise<ReplicatedSql> {
    const named = replicas.map(async (replica, n) => ({
      name: `replica ${n + 1}`,
      sql: await openSql(servers.url(replica, 'shop'), { use: 'replica' }),
    }));
    const sql = replicatedSql({
      primary: await openSql(servers.url(primary, 'shop')),
      replicas: await Promise.all(named),
      log,
      limits: UNHURRIED,
      ...options,
    });
    opened.push(sql);
    await sql.ready;
    return sql;
  }

  const serverOf = async ({ query }: Pick<Sql, 'query'>) =>
    (await query<{ id: number }>('SELECT @@server_id AS id'))[0]?.id ?? 0;
  /** The servers that answer some reads, sorted. */
  const answeringReads = async (sql: Sql) =>
    [...new Set(await Promise.all(Array.from({ length: 30 }, () => serverOf(sql))))].sort();
  const untilAnsweredBy = async (sql: Sql, ...expected: number[]) => {
    while (`${await answeringReads(sql)}` !== `${expected}`) await sleep(20);
  };
  const timesLeftOut = () => lines.filter((line) => line.includes('a replica is left out')).length;
  const set = (n: number) => direct.execute('UPDATE things SET n = ? WHERE id = 1', [n]);
  const read = async ({ query }: Pick<Sql, 'query'>) =>
    (await query<{ n: number }>('SELECT n FROM things WHERE id = 1'))[0]?.n ?? -1;

  /** Reads without end; every read that failed, and the longest, in milliseconds. */
  function readers(sql: Sql) {
    const result = { reads: 0, failed: [] as unknown[], longestMs: 0 };
    let over = false;
    const underWay = new Set<number>();
    const reading = async () => {
      while (!over) {
        const began = performance.now();
        underWay.add(began);
        await read(sql).catch((error: unknown) => result.failed.push(error));
        underWay.delete(began);
        result.reads += 1;
        result.longestMs = Math.max(result.longestMs, performance.now() - began);
        await sleep(2);
      }
    };
    const all = Promise.all(Array.from({ length: 8 }, reading));
    return {
      /** Resolves when the reads that are under way have ended. */
      settled: async () => {
        const before = performance.now();
        while ([...underWay].some((began) => began < before)) await sleep(5);
      },
      stop: async () => {
        over = true;
        await all;
        return result;
      },
    };
  }

  test('is read from both replicas, and changed at the primary', async () => {
    const sql = await open();
    await untilAnsweredBy(sql, FIRST, SECOND);
    expect(await sql.transaction(serverOf)).toBe(PRIMARY);
    expect(await sql.exclusively('work', serverOf)).toBe(PRIMARY);
    expect(await sql.execute('UPDATE things SET n = n + 1 WHERE id = 1')).toBe(1);
  });

  test('is read from the primary by who asks for the present, at any depth', async () => {
    const sql = await open();
    await untilAnsweredBy(sql, FIRST, SECOND);
    const deep = async () => {
      await sleep(1);
      return [...(await answeringReads(sql)), sql.stalenessMs()];
    };
    expect(await freshly(deep)).toEqual([PRIMARY, 0]);
    await untilAnsweredBy(sql, FIRST, SECOND);
  });

  describe.each([
    ['killed', () => first.kill(), () => first.restart()],
    ['frozen', () => first.signal('SIGSTOP'), () => first.signal('SIGCONT')],
  ])('of which one is %s', (what, fail, recover) => {
    test('fails no read, and goes on with both when it is back', async () => {
      const sql = await open({ limits: REPLICA_LIMITS });
      await untilAnsweredBy(sql, FIRST, SECOND);
      const { settled, stop } = readers(sql);
      const [before, began] = [timesLeftOut(), performance.now()];
      await fail();
      while (timesLeftOut() === before) await sleep(5);
      const leftOutMs = performance.now() - began;
      await untilAnsweredBy(sql, SECOND);
      await settled();
      await recover();
      await untilAnsweredBy(sql, FIRST, SECOND);
      const { reads, failed, longestMs } = await stop();
      expect(failed).toEqual([]);
      expect(longestMs).toBeLessThan(LONGEST_MS);
      console.info(
        `${what}: ${reads} reads, none failed, the longest ${Math.round(longestMs)} ms, left out after ${Math.round(leftOutMs)} ms`,
      );
    });
  });

  test('of which one lags does without it until it has caught up', async () => {
    const sql = await open();
    await untilAnsweredBy(sql, FIRST, SECOND);
    await first.hold();
    await set(100);
    await untilAnsweredBy(sql, SECOND);
    expect(lines.join()).toMatch(/"behindMs":\d{4},.*a replica is left out/);
    await first.follow();
    await untilAnsweredBy(sql, FIRST, SECOND);
  });

  test('without a replica that is well is read from the primary, within a budget', async () => {
    const sql = await open({ limits: REPLICA_LIMITS, budget: { places: 1, waiting: 2 } });
    await untilAnsweredBy(sql, FIRST, SECOND);
    for (const replica of replicas) await replica.signal('SIGSTOP');
    try {
      // Which it is of replicas that may be read.
      while (sql.stalenessMs() > 0) await sleep(20);
      const asked = Array.from({ length: 10 }, () => sql.query('SELECT SLEEP(0.2)'));
      const answers = await Promise.allSettled(asked);
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
      const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
      for (const reason of reasons) expect(reason).toBeInstanceOf(DatabaseUnavailableError);
      expect(await serverOf(sql)).toBe(PRIMARY);
      expect(sql.stalenessMs()).toBe(0);
    } finally {
      for (const replica of replicas) await replica.signal('SIGCONT');
    }
    while ((await serverOf(sql)) === PRIMARY) await sleep(20);
  });

  test('asks no other server for a statement that is at fault itself', async () => {
    const [asked, { query, ...rest }] = [[] as string[], await openSql(servers.url(primary, 'shop'))];
    const counting: Sql = {
      ...rest,
      query: (statement, values) => {
        asked.push(statement);
        return query(statement, values);
      },
    };
    const sql = await open({ primary: counting });
    await untilAnsweredBy(sql, FIRST, SECOND);
    await expect(sql.query('SELECT nonsense FROM things')).rejects.toThrow(/nonsense/);
    expect(asked.filter((statement) => statement.includes('nonsense'))).toEqual([]);
  });

  test('goes on being read while the primary is away, but not by who asks for the present', async () => {
    const sql = await open();
    await untilAnsweredBy(sql, FIRST, SECOND);
    const { stop } = readers(sql);
    await primary.kill();
    await expect(freshly(() => read(sql))).rejects.toThrow(DatabaseUnavailableError);
    // For longer than a replica may lag.
    for (const until = Date.now() + 2 * REPLICA_LIMITS.lag; Date.now() < until; await sleep(50)) {
      expect(await serverOf(sql)).not.toBe(PRIMARY);
    }
    await primary.restart();
    const { failed, longestMs } = await stop();
    expect(failed).toEqual([]);
    expect(longestMs).toBeLessThan(LONGEST_MS);
    await set(7);
    while ((await read(sql)) !== 7) await sleep(20);
    expect(await freshly(() => read(sql))).toBe(7);
  });

  describe('whose replicas are 5 seconds behind', () => {
    beforeAll(() => Promise.all(replicas.map((replica) => replica.follow(5))));
    afterAll(() => Promise.all(replicas.map((replica) => replica.follow())));

    /** The replicas show a beat of that age, and so have only what is as old. */
    const untilBehind = async (sql: ReplicatedSql) => {
      while (sql.stalenessMs() < 4500) await sleep(20);
    };

    test('shows a session what it wrote, each time of 1,000', async () => {
      const sql = await open({ limits: PATIENT });
      await untilBehind(sql);
      let late = 0;
      for (let n = 1; n <= 1000; n++) {
        await set(n);
        expect(await freshly(() => read(sql))).toBe(n);
        if ((await read(sql)) !== n) late += 1;
      }
      expect(late).toBeGreaterThan(900);
    });

    test('is not read from them', async () => {
      const sql = await open();
      await untilAnsweredBy(sql, PRIMARY);
      await set(-1);
      expect(await read(sql)).toBe(-1);
    });

    describe.each(caches())('beside a cache in $name', (kind) => {
      let cache: Cache;
      let server: CacheServer;
      beforeAll(async () => {
        server = await kind.start();
        cache = await server.open();
      });
      afterAll(() => server.stop());

      /** Loads as a reader does on a miss, and puts what it loaded. */
      async function fill(sql: ReplicatedSql, key: string) {
        const loadedAt = Date.now() - sql.stalenessMs();
        const n = await read(sql);
        return { n, stored: await cache.put(key, { version: n, loadedAt, value: `${n}` }, 60_000) };
      }

      test('never fill it with an old row, not even where nothing newer is in it', async () => {
        const sql = await open({ limits: PATIENT });
        await untilBehind(sql);
        await set(5000);
        await set(5001);
        for (let n = 0; n < 20; n++) {
          const filled = await fill(sql, 'thing:missed');
          expect(filled.n).not.toBe(5001);
          expect(filled.stored).toBe(false);
        }
        expect(await cache.get('thing:missed')).toBeUndefined();
        const { n, stored } = await freshly(() => fill(sql, 'thing:missed'));
        expect([n, stored]).toEqual([5001, true]);
      });

      test('never take the place of what was written through, even with a clock that hides how old it is', async () => {
        const sql = await open({ limits: PATIENT });
        await untilBehind(sql);
        await set(6000);
        const written = { version: 6000, loadedAt: Date.now(), value: '6000' };
        expect(await cache.put('thing:written', written, 60_000)).toBe(true);
        const n = await read(sql);
        expect(n).toBeLessThan(6000);
        const hiding = { version: n, loadedAt: Date.now(), value: `${n}` };
        expect(await cache.put('thing:written', hiding, 60_000)).toBe(false);
        expect(await cache.get('thing:written')).toMatchObject({ version: 6000 });
      });
    });
  });
});

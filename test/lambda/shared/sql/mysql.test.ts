import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { OverloadedError } from '../../../../lambda/shared/runtime/retry-later';
import { urgently } from '../../../../lambda/shared/runtime/urgently';
import { openMysql } from '../../../../lambda/shared/sql/mysql';
import { LIMITS } from '../../../../lambda/shared/sql/mysql-connections';
import { DatabaseUnavailableError, OutcomeUnknownError, type Sql } from '../../../../lambda/shared/sql/sql';
import { closing } from '../../../support/cleanup';
import type { DatabaseServer } from '../../../support/database-server';
import { openAdmin } from '../../../support/database-users';
import { describeServers } from '../../../support/engines';
import { COMMIT, type FreezableProxy, startFreezableProxy } from '../../../support/freezable-proxy';
import { ROUNDS } from '../../../support/rounds';
import { until } from '../../../support/until';

/** For what lasts as long as a test lets it. */
const PATIENT = { ...LIMITS, again: 600_000 };

/** From now on the limits of what is sent end when the test says so, and not with time. */
const holdLimits = () => {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'clearImmediate', 'performance', 'Date', 'queueMicrotask'],
  });
  return { end: () => jest.advanceTimersByTime(LIMITS.statement) };
};

describeServers('a database that fails', (engine) => {
  let server: DatabaseServer;
  let admin: Connection;
  let sql: Sql;

  beforeAll(async () => {
    server = engine.launch();
    admin = await openAdmin(server.socket);
    await admin.query('CREATE DATABASE shop');
    await admin.query('CREATE TABLE shop.things (id INT PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB');
    await admin.query('CREATE USER app@localhost');
    await admin.query('GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO app@localhost');
  });
  beforeEach(async () => {
    await admin.query('TRUNCATE shop.things');
    sql = open();
  });
  afterEach(async () => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    await sql.close();
  });

  const url = () => `mysql://app@localhost/shop?socketPath=${encodeURIComponent(server.socket)}`;
  const open = (limits = LIMITS) => closing(openMysql(url(), undefined, limits));
  const insert = (id: number, into: Pick<Sql, 'execute'> = sql) =>
    into.execute('INSERT INTO things (id, n) VALUES (?, 0)', [id]);
  const ids = async () => {
    const [rows] = await admin.query('SELECT id FROM shop.things ORDER BY id');
    return (rows as { id: number }[]).map(({ id }) => id);
  };
  const connectionId = async ({ query }: Pick<Sql, 'query'>): Promise<number> =>
    (await query<{ id: number }>('SELECT CONNECTION_ID() AS id'))[0]?.id ?? 0;

  test('does a statement again that lost a deadlock, which was a transaction by itself', async () => {
    for (let id = 1; id <= 20; id++) await insert(id);
    await admin.query('START TRANSACTION');
    // The lighter of the two is the one that loses.
    await admin.query('UPDATE shop.things SET n = 10 WHERE id > 1');
    const changing = sql.execute('UPDATE things SET n = n + 1 WHERE id < 3');
    await waitingForALock();
    await admin.query('UPDATE shop.things SET n = 10 WHERE id = 1');
    await admin.query('COMMIT');
    expect(await changing).toBe(2);
    expect(await sql.query('SELECT n FROM things WHERE id < 3')).toEqual([{ n: 11 }, { n: 11 }]);
    const [[{ deadlocks }]] = (await admin.query(
      "SELECT COUNT AS deadlocks FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'",
    )) as unknown as [[{ deadlocks: number }]];
    expect(deadlocks).toBe(1);
  });

  test('begins a transaction again that lost eight deadlocks only when the caller does, since nothing was done', async () => {
    let begun = 0;
    const losing = sql.transaction(async (tx) => {
      await insert(++begun, tx);
      throw Object.assign(new Error('Deadlock found when trying to get lock'), { errno: 1213 });
    });
    await expect(losing).rejects.toThrow(DatabaseUnavailableError);
    expect([begun, await ids()]).toEqual([8, []]);
  });

  test('asks again what lost a deadlock while it read, such as one with a change of the tables', async () => {
    for (let id = 1; id <= 20; id++) await insert(id);
    await admin.query('START TRANSACTION');
    await admin.query('UPDATE shop.things SET n = 10 WHERE id > 1');
    const reading = sql.query('SELECT n FROM things WHERE id < 3 FOR UPDATE');
    await waitingForALock();
    await admin.query('UPDATE shop.things SET n = 10 WHERE id = 1');
    await admin.query('COMMIT');
    expect(await reading).toEqual([{ n: 10 }, { n: 10 }]);
  });

  test('shows a transaction what others have committed since its last statement, and so locks no gaps', async () => {
    await insert(1);
    await sql.transaction(async (tx) => {
      const read = () => tx.query('SELECT n FROM things WHERE id = 1');
      expect(await read()).toEqual([{ n: 0 }]);
      await admin.query('UPDATE shop.things SET n = 7');
      expect(await read()).toEqual([{ n: 7 }]);
    });
  });

  test('refuses at once what finds too many waiting for a connection, but for urgent work', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let held = 0;
    const holding = Array.from({ length: 10 }, () =>
      sql.transaction(async () => {
        held++;
        await released;
      }),
    );
    await until(() => held === 10);
    const one = () => sql.query('SELECT 1');
    const waiting = Array.from({ length: 250 }, one);
    await expect(one()).rejects.toThrow(OverloadedError);
    await expect(sql.transaction(async () => undefined)).rejects.toThrow(OverloadedError);
    waiting.push(urgently(one));
    release();
    expect(await Promise.all(waiting)).toHaveLength(251);
    await Promise.all(holding);
    expect(await one()).toHaveLength(1);
  });

  async function waitingForALock(): Promise<void> {
    const waiting = "SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
    // InnoDB shows its state from the last time that it was idle for a tenth of a second.
    await until(async () => {
      await sleep(200);
      return ((await admin.query(waiting))[0] as object[]).length > 0;
    });
  }

  test('uses no connection beyond its life, since it may lead to the former writer', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const first = await connectionId(sql);
    now = LIMITS.life - 1;
    expect(await connectionId(sql)).toBe(first);
    now = 2 * LIMITS.life;
    expect(await connectionId(sql)).not.toBe(first);
    await oneEnded([first]);
  });

  const processes = async (through = admin) => {
    const [rows] = await through.query('SELECT ID AS id, INFO AS info FROM information_schema.PROCESSLIST');
    return rows as { id: number; info: string | null }[];
  };
  /** Resolves when the server knows one of the connections no more. */
  const oneEnded = (ids: readonly number[]) =>
    until(async () => {
      const known = new Set((await processes()).map(({ id }) => id));
      return ids.some((id) => !known.has(id));
    });
  /** True while the server is at a statement with such text. */
  const isUnderWay = async (text: string, through = admin) =>
    (await processes(through)).some(({ info }) => info?.includes(text) && !info.includes('PROCESSLIST'));
  const underWay = (text: string) => until(() => isUnderWay(text));

  describe('that ends a connection', () => {
    test('begins the transaction again whose connection was killed, and stores it once', async () => {
      let begun = 0;
      await sql.transaction(async (tx) => {
        begun++;
        await insert(1, tx);
        if (begun === 1) await admin.query(`KILL ${await connectionId(tx)}`);
        await insert(2, tx);
      });
      expect([begun, await ids()]).toEqual([2, [1, 2]]);
    });

    test('does not ask again for a change that was sent: it may be stored', async () => {
      const id = await connectionId(sql);
      const changing = expect(sql.execute('INSERT INTO things (id, n) SELECT 1, SLEEP(30)')).rejects.toThrow(
        OutcomeUnknownError,
      );
      await underWay('SLEEP(30)');
      await admin.query(`KILL ${id}`);
      await changing;
      // SLEEP ends early: MariaDB takes the row back, MySQL may store it.
      expect([[], [1]]).toContainEqual(await ids());
    });

    test('repeats statements that only read', async () => {
      const id = await connectionId(sql);
      const reading = sql.query('SELECT 7 AS n, SLEEP(IF(CONNECTION_ID() = ?, 600, 0)) AS slept', [id]);
      await underWay('SLEEP(IF');
      await admin.query(`KILL ${id}`);
      expect(await reading).toEqual([{ n: 7, slept: 0 }]);
    });
  });

  describe('whose writer becomes a reader', () => {
    const setReadOnly = (on: 0 | 1) => admin.query(`SET GLOBAL read_only = ${on}`);
    afterEach(() => setReadOnly(0));

    test('waits for a writer for a moment, and stores each write once', async () => {
      const patient = open(PATIENT);
      await insert(1, patient);
      const refused = await connectionId(patient);
      await setReadOnly(1);
      const writes = Promise.all([insert(2, patient), patient.transaction((tx) => insert(3, tx))]);
      await oneEnded([refused]);
      await setReadOnly(0);
      await writes;
      expect(await ids()).toEqual([1, 2, 3]);
    });

    test('says that nothing was done when none comes, and goes on reading', async () => {
      const impatient = open({ ...LIMITS, again: 400 });
      await setReadOnly(1);
      await expect(insert(1, impatient)).rejects.toThrow(DatabaseUnavailableError);
      await expect(impatient.transaction((tx) => insert(1, tx))).rejects.toThrow(DatabaseUnavailableError);
      expect(await impatient.query('SELECT id FROM things')).toEqual([]);
      await setReadOnly(0);
      await insert(1, impatient);
      expect(await ids()).toEqual([1]);
    });

    test('takes back a transaction that the change overtook before its COMMIT', async () => {
      const other = await openAdmin(server.socket);
      let begun = 0;
      await sql.transaction(async (tx) => {
        await insert(1, tx);
        if (begun++ > 0) return;
        // It may wait for transactions that write, so it is not waited for here.
        let isDone = false;
        const changed = setReadOnly(1).then(() => {
          isDone = true;
        });
        await until(async () => isDone || (await isUnderWay('read_only = 1', other)));
        void changed.then(() => setReadOnly(0));
      });
      expect(await ids()).toEqual([1]);
    });

    test('uses none of the connections that led to it again', async () => {
      const patient = open(PATIENT);
      const eight = () => Promise.all(Array.from({ length: 8 }, () => connectionId(patient)));
      const before = await eight();
      await setReadOnly(1);
      const write = insert(1, patient);
      await oneEnded(before);
      await setReadOnly(0);
      await write;
      expect((await eight()).filter((id) => before.includes(id))).toEqual([]);
    });
  });

  describe('that vanishes without a word', () => {
    let line: FreezableProxy;
    let far: Sql;
    beforeEach(async () => {
      line = await startFreezableProxy(server.socket);
      far = openFar(LIMITS);
      await far.query('SELECT 1');
    });
    // In this order: a pool waits for the answer of a server that it takes for alive.
    afterEach(async () => {
      jest.useRealTimers();
      await line.close();
      await far.close();
    });
    const openFar = (limits: typeof LIMITS) =>
      closing(openMysql(`mysql://app@127.0.0.1:${line.port}/shop`, undefined, limits));

    test('delays no caller for longer than the limits, and serves all once it is back', async () => {
      const quick = openFar({ ...LIMITS, connect: 300, statement: 500, wait: 600, again: 400 });
      const fortyReads = () =>
        Promise.allSettled(Array.from({ length: 40 }, () => quick.query('SELECT id FROM things')));
      line.freeze();
      for (const { status, reason } of (await fortyReads()) as PromiseRejectedResult[])
        expect([status, reason.name]).toEqual(['rejected', 'DatabaseUnavailableError']);
      line.thaw();
      // On a busy machine some more may be refused by such limits.
      await until(async () => (await fortyReads()).every(({ status }) => status === 'fulfilled'));
    });

    test.each([
      ['before', []],
      ['after', [1]],
    ] as const)('does not know what became of a COMMIT, lost %s it came', async (when, stored) => {
      const limits = holdLimits();
      const frozen = line.freezeAt(COMMIT, when);
      let begun = 0;
      const work = far.transaction((tx) => {
        begun++;
        return insert(1, tx);
      });
      const unknown = expect(work).rejects.toThrow(OutcomeUnknownError);
      await frozen;
      limits.end();
      await unknown;
      expect([begun, await ids()]).toEqual([1, stored]);
    });

    test('begins a transaction again that was lost before its COMMIT', async () => {
      const patient = openFar(PATIENT);
      const limits = holdLimits();
      const frozen = line.freezeAt(/INSERT/, 'before');
      const work = patient.transaction((tx) => insert(1, tx));
      await frozen;
      line.thaw();
      limits.end();
      await work;
      expect(await ids()).toEqual([1]);
    });

    test('closes in spite of connections that hang', async () => {
      const limits = holdLimits();
      const frozen = line.freezeAt(/INSERT/, 'before');
      const unknown = expect(insert(1, far)).rejects.toThrow(OutcomeUnknownError);
      await frozen;
      limits.end();
      await unknown;
      jest.useRealTimers();
      await far.close();
    });
  });

  test('refuses callers that would wait too long for a connection, and loses no connection by it', async () => {
    for (let round = 0; round < 2; round++) {
      const release = await holdAll(sql);
      const limits = holdLimits();
      const refused = expect(sql.query('SELECT 1')).rejects.toThrow(DatabaseUnavailableError);
      limits.end();
      await refused;
      jest.useRealTimers();
      await release();
    }
  });

  /** Takes the ten connections of a pool, one after the other, until they are released. */
  async function holdAll({ transaction }: Sql): Promise<() => Promise<unknown>> {
    let free = () => {};
    const released = new Promise<void>((resolve) => {
      free = resolve;
    });
    const holders: Promise<void>[] = [];
    while (holders.length < 10) {
      await new Promise<void>((taken) => {
        const hold = () => {
          taken();
          return released;
        };
        holders.push(transaction(hold));
      });
    }
    return () => {
      free();
      return Promise.all(holders);
    };
  }

  test('keeps a connection on which something was refused that cannot be bound', async () => {
    const id = await connectionId(sql);
    await expect(sql.query('SELECT ?', [undefined as unknown as null])).rejects.toThrow('undefined');
    expect(await connectionId(sql)).toBe(id);
  });

  test('killed and started again under load: reads come back, what was acknowledged is there, and what was refused is not', async () => {
    const patient = open(PATIENT);
    const impatient = open({ ...LIMITS, again: 200 });
    const told = { stored: [] as number[], refused: [] as number[], unknown: [] as number[] };
    let next = 0;
    let over = false;
    const reads: Promise<unknown>[] = [];
    const writer = async (store: (id: number) => Promise<unknown>) => {
      while (!over) {
        const id = ++next;
        try {
          await store(id);
          told.stored.push(id);
        } catch (error) {
          if (error instanceof OutcomeUnknownError) told.unknown.push(id);
          else if (error instanceof DatabaseUnavailableError) told.refused.push(id);
          else throw error;
        }
      }
    };
    const reader = async () => {
      while (!over) {
        const read = patient.query('SELECT COUNT(*) AS n FROM things');
        reads.push(read);
        await read;
      }
    };
    const working = Promise.all([
      ...Array.from({ length: 3 }, () => writer((id) => insert(id, impatient))),
      ...Array.from({ length: 3 }, () => writer((id) => impatient.transaction((tx) => insert(id, tx)))),
      ...Array.from({ length: 2 }, reader),
    ]).finally(() => {
      over = true;
    });
    working.catch(() => undefined);
    try {
      for (let round = 0; round < 1 + ROUNDS; round++) {
        const before = told.stored.length;
        await until(() => over || told.stored.length >= before + 200);
        await server.kill();
        const failed = told.refused.length + told.unknown.length;
        await until(() => over || told.refused.length + told.unknown.length > failed);
        await server.restart();
      }
    } finally {
      over = true;
      await working;
    }
    admin = await openAdmin(server.socket);
    const there = new Set(await ids());
    expect(told.stored.filter((id) => !there.has(id))).toEqual([]);
    expect(told.refused.filter((id) => there.has(id))).toEqual([]);
    expect((await Promise.allSettled(reads)).filter(({ status }) => status === 'rejected')).toEqual([]);
    // Each is repeated, as a client does, and is there once, in any case.
    for (const id of told.unknown)
      await insert(id).catch((error) => expect(error.name).toBe('DuplicateKeyError'));
    const after = new Set(await ids());
    expect(told.unknown.filter((id) => !after.has(id))).toEqual([]);
  });
});

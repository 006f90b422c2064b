import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { openMysql } from '../../../lambda/shared/mysql';
import { LIMITS } from '../../../lambda/shared/mysql-connections';
import { DatabaseUnavailableError, OutcomeUnknownError, type Sql } from '../../../lambda/shared/sql';
import { type Line, lineTo } from '../../support/frozen';
import { hasMariaDb, type MariaDb, startMariaDb } from '../../support/mariadb';

const QUICK = { ...LIMITS, connect: 300, statement: 500, wait: 600, again: 400 };

(hasMariaDb() ? describe : describe.skip)('a database that fails, on MariaDB', () => {
  let server: MariaDb;
  let admin: Connection;
  let sql: Sql;

  beforeAll(async () => {
    server = await startMariaDb();
    admin = await createConnection({ socketPath: server.socket, user: 'root' });
    await admin.query('CREATE DATABASE shop');
    await admin.query('CREATE TABLE shop.things (id INT PRIMARY KEY, n INT NOT NULL) ENGINE=InnoDB');
    await admin.query("CREATE USER app@localhost IDENTIFIED BY 'app'");
    await admin.query('GRANT SELECT, INSERT, UPDATE, DELETE ON shop.* TO app@localhost');
  });
  afterAll(async () => {
    await admin.end();
    await server.stop();
  });
  beforeEach(async () => {
    await admin.query('TRUNCATE shop.things');
    sql = openMysql(url());
  });
  afterEach(() => sql.close());

  const url = () => `mysql://app:app@localhost/shop?socketPath=${encodeURIComponent(server.socket)}`;
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
      "SELECT VARIABLE_VALUE AS deadlocks FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Innodb_deadlocks'",
    )) as unknown as [[{ deadlocks: string }]];
    expect(Number(deadlocks)).toBe(1);
  });

  async function waitingForALock(): Promise<void> {
    const waiting = "SELECT trx_id FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
    // InnoDB shows what it saw when it was last left alone for a tenth of a second.
    while (((await admin.query(waiting))[0] as object[]).length === 0) await sleep(200);
  }

  test('uses no connection for longer than its life: it may lead to who was the writer', async () => {
    const mortal = openMysql(url(), undefined, { ...LIMITS, life: 1000 });
    const first = await connectionId(mortal);
    expect(await connectionId(mortal)).toBe(first);
    await sleep(2100);
    expect(await connectionId(mortal)).not.toBe(first);
    const alive = async () =>
      (await admin.query('SELECT id FROM information_schema.PROCESSLIST WHERE id = ?', [first]))[0];
    while (((await alive()) as object[]).length > 0) await sleep(20);
    await mortal.close();
  });

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
      expect(await ids()).toEqual([]);
    });

    test('asks again for what only reads', async () => {
      const id = await connectionId(sql);
      const reading = sql.query<{ n: number }>('SELECT 7 AS n, SLEEP(0.4) AS slept');
      await underWay('SLEEP(0.4)');
      await admin.query(`KILL ${id}`);
      expect(await reading).toEqual([{ n: 7, slept: 0 }]);
    });

    async function underWay(text: string): Promise<void> {
      for (;;) {
        const [rows] = await admin.query('SELECT info FROM information_schema.processlist');
        if (
          (rows as { info: string | null }[]).some(
            ({ info }) => info?.includes(`${text}`) && !info.includes('processlist'),
          )
        )
          return;
        await sleep(5);
      }
    }
  });

  describe('whose writer becomes a reader', () => {
    const setReadOnly = (on: 0 | 1) => admin.query(`SET GLOBAL read_only = ${on}`);
    afterEach(() => setReadOnly(0));

    test('waits for a writer for a moment, and stores what was asked once', async () => {
      await insert(1);
      await setReadOnly(1);
      const writes = Promise.all([insert(2), sql.transaction((tx) => insert(3, tx))]);
      await sleep(300);
      await setReadOnly(0);
      await writes;
      expect(await ids()).toEqual([1, 2, 3]);
    });

    test('says that nothing was done when none comes, and goes on reading', async () => {
      const impatient = openMysql(url(), undefined, QUICK);
      await setReadOnly(1);
      await expect(insert(1, impatient)).rejects.toThrow(DatabaseUnavailableError);
      await expect(impatient.transaction((tx) => insert(1, tx))).rejects.toThrow(DatabaseUnavailableError);
      expect(await impatient.query('SELECT id FROM things')).toEqual([]);
      await setReadOnly(0);
      await insert(1, impatient);
      expect(await ids()).toEqual([1]);
      await impatient.close();
    });

    test('takes back a transaction that the change overtook before its COMMIT', async () => {
      let begun = 0;
      await sql.transaction(async (tx) => {
        await insert(1, tx);
        if (begun++ === 0) {
          // Waits for transactions that write, so it is not waited for here.
          void setReadOnly(1).then(() => setReadOnly(0));
          await sleep(100);
        }
      });
      expect(await ids()).toEqual([1]);
    });

    test('uses none of the connections that led to it again', async () => {
      const before = new Set(await Promise.all(Array.from({ length: 8 }, () => connectionId(sql))));
      await setReadOnly(1);
      const write = insert(1);
      await sleep(100);
      await setReadOnly(0);
      await write;
      const after = await Promise.all(Array.from({ length: 8 }, () => connectionId(sql)));
      expect(after.filter((id) => before.has(id))).toEqual([]);
    });
  });

  describe('that vanishes without a word', () => {
    let line: Line;
    let far: Sql;
    beforeEach(async () => {
      line = await lineTo(server.socket);
      far = openMysql(`mysql://app:app@127.0.0.1:${line.port}/shop`, undefined, QUICK);
      await far.query('SELECT 1');
    });
    afterEach(async () => {
      await far.close();
      await line.close();
    });

    test('hangs nobody for longer than the limits, and all are served when it is back', async () => {
      line.freeze();
      const asked = await Promise.allSettled(
        Array.from({ length: 40 }, () => far.query('SELECT id FROM things')),
      );
      for (const { status, reason } of asked as PromiseRejectedResult[])
        expect([status, reason.name]).toEqual(['rejected', 'DatabaseUnavailableError']);
      line.thaw();
      expect(await Promise.all(Array.from({ length: 40 }, () => far.query('SELECT 1 AS n')))).toHaveLength(
        40,
      );
    });

    test.each([
      ['before', []],
      ['after', [1]],
    ] as const)('does not know what became of a COMMIT, lost %s it came', async (when, stored) => {
      line.freezeAt('\x03COMMIT', when);
      let begun = 0;
      const work = far.transaction((tx) => {
        begun++;
        return insert(1, tx);
      });
      await expect(work).rejects.toThrow(OutcomeUnknownError);
      expect([begun, await ids()]).toEqual([1, stored]);
    });

    test('begins a transaction again that was lost before its COMMIT', async () => {
      line.freezeAt('INSERT', 'before');
      const patient = openMysql(`mysql://app:app@127.0.0.1:${line.port}/shop`, undefined, {
        ...QUICK,
        again: 3000,
      });
      const work = patient.transaction((tx) => insert(1, tx));
      await sleep(QUICK.statement / 2);
      line.thaw();
      await work;
      expect(await ids()).toEqual([1]);
      await patient.close();
    });

    test('closes all the same', async () => {
      line.freeze();
      await expect(insert(1, far)).rejects.toThrow(OutcomeUnknownError);
      await far.close();
    });
  });

  test('refuses who would wait for too long for a connection, and none is lost by it', async () => {
    const small = openMysql(url(), undefined, { ...LIMITS, wait: 100 });
    const busy = Promise.all(Array.from({ length: 10 }, () => small.query('SELECT SLEEP(0.5) AS slept')));
    await expect(small.query('SELECT 1')).rejects.toThrow(DatabaseUnavailableError);
    await busy;
    expect(
      await Promise.all(Array.from({ length: 10 }, () => small.query('SELECT SLEEP(0.01) AS slept'))),
    ).toHaveLength(10);
    await small.close();
  });

  test('keeps a connection on which something was refused that cannot be bound', async () => {
    const id = await connectionId(sql);
    await expect(sql.query('SELECT ?', [undefined as unknown as null])).rejects.toThrow('undefined');
    expect(await connectionId(sql)).toBe(id);
  });

  test('killed and started again under load: reads come back, what was acknowledged is there, and what was refused is not', async () => {
    const patient = openMysql(url(), undefined, { ...LIMITS, again: 20_000 });
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
      ...Array.from({ length: 3 }, () => writer((id) => insert(id))),
      ...Array.from({ length: 3 }, () => writer((id) => sql.transaction((tx) => insert(id, tx)))),
      ...Array.from({ length: 2 }, reader),
    ]);
    for (let round = 0; round < 3; round++) {
      const before = told.stored.length;
      while (told.stored.length < before + 200) await sleep(5);
      await server.kill();
      await sleep(200);
      await server.restart();
    }
    over = true;
    await working;
    await patient.close();
    admin = await createConnection({ socketPath: server.socket, user: 'root' });
    const there = new Set(await ids());
    expect(told.stored.filter((id) => !there.has(id))).toEqual([]);
    expect(told.refused.filter((id) => there.has(id))).toEqual([]);
    expect((await Promise.allSettled(reads)).filter(({ status }) => status === 'rejected')).toEqual([]);
    // Each is asked for again, as a client does: it is there once, whatever had become of it.
    for (const id of told.unknown)
      await insert(id).catch((error) => expect(error.name).toBe('DuplicateKeyError'));
    const after = new Set(await ids());
    expect(told.unknown.filter((id) => !after.has(id))).toEqual([]);
  });
});

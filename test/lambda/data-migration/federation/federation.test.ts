import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pino } from 'pino';
import { federatedSql } from '../../../../lambda/data-migration/federation/federated-sql';
import { createFederation } from '../../../../lambda/data-migration/federation/federation';
import { openFence } from '../../../../lambda/data-migration/federation/fence';
import { followPlacement } from '../../../../lambda/data-migration/federation/follower';
import { AT_FIRST, type Home } from '../../../../lambda/data-migration/federation/home';
import { DataThereError, type Mover } from '../../../../lambda/data-migration/mover';
import { fileMarker } from '../../../../lambda/data-migration/placement/marker-file';
import { WayBackClosedError } from '../../../../lambda/data-migration/placement/placement';
import { openChangeLog } from '../../../../lambda/data-migration/sync/change-log';
import { openSql } from '../../../../lambda/shared/sql/open';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { compiled } from '../../../../local/compiled';
import { cleanup, closing } from '../../../support/cleanup';
import { ROUNDS, random, SEED } from '../../../support/rounds';
import { until } from '../../../support/until';
import { countedHistory } from '../counted-history';
import {
  COUNTERS,
  describeFederation,
  type FederatedSchema,
  federatedSchema,
  NOTES,
} from './federated-schema';

const log = pino({ level: 'silent' });
const KILLS = 3 * (1 + ROUNDS);
/** Each has a writer. */
const COUNTER_IDS = ['0', '1', '2', '3'];

/** A process of the shop, as far as it uses the schema. */
async function host(schema: FederatedSchema): Promise<Sql> {
  const marker = fileMarker<Home>(`${schema.folder}/marker`);
  const follower = await followPlacement(marker, AT_FIRST, log);
  const [shared, own] = await Promise.all([openSql(schema.app.shared), openSql(schema.app.own)]);
  const sql = federatedSql({ sides: { shared, own }, follower });
  const close = async () => {
    await follower.stop();
    await sql.close();
  };
  return closing({ ...sql, close });
}

/** Writes and reads until `stop`. */
function load(sql: Sql, other: Sql) {
  const history = countedHistory();
  let stopped = false;

  const write = async (counter: string) => {
    for (let n = 1; !stopped; n++) {
      const id = `${counter}-${n}-${Math.floor(random() * 1e9)}`;
      await history.increment(`writer ${counter}`, [counter, id], () =>
        sql.transaction(async (tx) => {
          await tx.execute('INSERT INTO notes (id, text) VALUES (?, ?)', [id, id]);
          await tx.execute('UPDATE counters SET value = value + 1 WHERE id = ?', [counter]);
        }),
      );
    }
  };
  const read = async (reader: string) => {
    while (!stopped) {
      const counter = COUNTER_IDS[Math.floor(random() * COUNTER_IDS.length)] ?? '';
      await history.read(reader, counter, async () => {
        const statement = 'SELECT value FROM counters WHERE id = ?';
        const [row] = await other.query<{ value: number }>(statement, [counter]);
        return row?.value ?? Number.NaN;
      });
    }
  };
  const running = Promise.all([...COUNTER_IDS.map(write), read('reader 1'), read('reader 2')]);
  return {
    history,
    stop: async () => {
      stopped = true;
      await running;
    },
  };
}

describeFederation('a schema that moves under load', (engine) => {
  const fresh = async () => {
    const schema = await federatedSchema(engine, [NOTES, COUNTERS]);
    const root = closing(await openSql(schema.admin.shared));
    for (const id of COUNTER_IDS) {
      await root.execute('INSERT INTO counters (id, value) VALUES (?, 0)', [id]);
    }
    return schema;
  };
  const contents = async (url: string) => {
    const sql = closing(await openSql(url));
    const notes = await sql.query<{ id: string }>('SELECT id FROM notes ORDER BY id');
    const counters = await sql.query<{ id: string; value: number }>('SELECT id, value FROM counters');
    const total = counters.reduce((sum, { value }) => sum + value, 0);
    return { ids: notes.map(({ id }) => id), counters, total };
  };
  /** The history has the parts of a transaction; the total says that each was made as a whole. */
  const check = async ({ history }: ReturnType<typeof load>, url: string) => {
    const { ids, counters, total } = await contents(url);
    history.audit(
      new Map([
        ...counters.map(({ id, value }) => [id, value] as const),
        ...ids.map((id) => [id, 1] as const),
      ]),
    );
    expect(history.faults()).toEqual([]);
    expect(total).toBe(ids.length);
  };
  const moverOf = async (schema: FederatedSchema): Promise<Mover<Home>> => {
    const open = async (home: Home) => ({
      fence: closing(await openFence(schema.fences[home])),
      log: closing(await openChangeLog(schema.fences[home])),
      schemas: { users: closing(await openSql(schema.admin[home])) },
    });
    const [shared, own] = [await open('shared'), await open('own')];
    return createFederation({
      marker: fileMarker<Home>(`${schema.folder}/marker`),
      fences: { shared: shared.fence, own: own.fence },
      changeLogs: { shared: shared.log, own: own.log },
      sides: { shared, own },
    });
  };
  const running = { report: async () => undefined };

  test('is complete on its own cluster; reads never stop, and nobody reads what another one has replaced', async () => {
    const schema = await fresh();
    const work = load(await host(schema), await host(schema));
    const { history } = work;
    await until(() => history.acknowledged() > 50);
    const mover = await moverOf(schema);
    const result = await mover.move('own', 'test', running);
    const atMove = history.acknowledged();
    await until(() => history.acknowledged() > atMove + 50);
    await work.stop();
    expect(result).toMatchObject({ to: 'own', moved: true });
    await check(work, schema.admin.own);
    console.info(
      `${history.inWords()}; frozen for ${result.frozenMs} ms; longest read ${history.longestMs('read')} ms`,
    );
  });

  test('goes back with the writes made since, until the old schema is dropped', async () => {
    const schema = await fresh();
    const sql = await host(schema);
    const mover = await moverOf(schema);
    await mover.move('own', 'test', running);
    await sql.execute('INSERT INTO notes (id, text) VALUES (?, ?)', ['later', 'later']);
    await mover.move('shared', 'test', running);
    expect((await contents(schema.admin.shared)).ids).toEqual(['later']);
    await mover.move('own', 'test', running);
    await mover.drop?.('test', running);
    await expect(contents(schema.admin.shared)).rejects.toThrow(/Unknown database/);
    await expect(mover.move('shared', 'test', running)).rejects.toThrow(WayBackClosedError);
    await sql.execute('INSERT INTO notes (id, text) VALUES (?, ?)', ['last', 'last']);
    expect((await contents(schema.admin.own)).ids).toEqual(['last', 'later']);
  });

  test('is not dropped while the data is there', async () => {
    const schema = await fresh();
    const mover = await moverOf(schema);
    await expect(mover.drop?.('test', running)).rejects.toThrow(DataThereError);
    expect((await contents(schema.admin.shared)).total).toBe(0);
    await expect(mover.move('own', 'test', running)).resolves.toMatchObject({ moved: true });
  });

  test(`loses and doubles nothing when its mover is killed at any step and started again (SEED=${SEED})`, async () => {
    const schema = await fresh();
    const work = load(await host(schema), await host(schema));
    for (let kill = 1; kill <= KILLS; kill++) await runAndKill(schema);
    // The last one ends its move.
    const mover = await moverOf(schema);
    const to = mover.data() === 'own' ? 'shared' : 'own';
    await mover.move(to, 'test', running);
    await work.stop();
    await check(work, schema.admin[to]);
    console.info(`${KILLS} kills, ${work.history.inWords()}`);
  });
});

/** Starts a mover, and kills it at a random moment of a random move. */
async function runAndKill(schema: FederatedSchema): Promise<void> {
  const child = spawn(
    process.execPath,
    [...compiled('test/lambda/data-migration/federation/federation-process.ts'), JSON.stringify(schema)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  cleanup(() => child.kill('SIGKILL'));
  const closed = once(child, 'close');
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const lines = () => said.split('\n').length;
  const hasEnded = () => child.exitCode !== null;
  const last = 1 + Math.floor(random() * 40);
  await until(() => lines() > last || hasEnded());
  expect(hasEnded()).toBe(false);
  child.kill('SIGKILL');
  await closed;
}

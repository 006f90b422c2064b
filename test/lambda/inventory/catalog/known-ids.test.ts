import fc from 'fast-check';
import { V7Generator } from 'uuidv7';
import { TooManyUnknownIdsError } from '../../../../lambda/inventory/catalog/errors';
import { createKnownIds } from '../../../../lambda/inventory/catalog/known-ids';
import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import { insertRows } from '../../../../lambda/shared/sql/bulk-sql';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { engines } from '../../../support/engines';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const ON = new AbortController().signal;

const clocks = (now: () => number) => ({ now, ticks: now });

/** An id made at a time. */
const idAt = (ms: number): string => new V7Generator().generateOrResetWithTs(ms).toString();

/** The same schema, with a chance for others between the pages of a walk; counts statements. */
function watched(sql: Sql, betweenPages: () => Promise<void> = async () => undefined) {
  const state = { statements: 0 };
  const query: Sql['query'] = async (statement, values) => {
    state.statements += 1;
    const rows = await sql.query(statement, values);
    await betweenPages();
    return rows as never;
  };
  return Object.assign(state, { sql: { ...sql, query } });
}

describe.each(engines())('ids that are known on $name', (engine) => {
  let sql: Sql;
  beforeAll(async () => {
    sql = await engine.open('ids');
    await migrate(sql, inventoryMigrations);
  });
  beforeEach(async () => {
    await sql.execute('DELETE FROM stock');
  });

  const insert = (ids: readonly string[]) =>
    insertRows(
      sql,
      'stock (product_id, on_hand, reserved)',
      ids.map((id) => [id, 0, 0]),
    );

  test('no product is ever taken for absent, whenever it is made and however long its transaction takes', async () => {
    const creation = fc.record({
      /** Of its id, and of its commit: at most fifteen seconds later. */
      made: fc.integer({ min: -HOUR, max: HOUR }),
      taking: fc.integer({ min: 0, max: 15_000 }),
    });
    const runs = fc.asyncProperty(
      fc.array(creation, { minLength: 1, maxLength: 60 }),
      fc.array(fc.integer({ min: 1000, max: 15 * 60_000 }), { minLength: 3, maxLength: 8 }),
      async (creations, pauses) => {
        await sql.execute('DELETE FROM stock');
        let now = START;
        const known = createKnownIds(
          watched(sql, async () => {
            // A walk takes a while, and the shop goes on.
            now += 700;
            await commitDue();
          }).sql,
          clocks(() => now),
        );
        const planned = creations.map(({ made, taking }) => ({
          id: idAt(START + made),
          at: START + made + taking,
        }));
        const stored: string[] = [];
        async function commitDue() {
          for (const each of planned.splice(0)) {
            if (each.at > now) planned.push(each);
            else {
              await insert([each.id]);
              stored.push(each.id);
            }
          }
        }
        for (const pause of pauses) {
          await commitDue();
          await known.learn(ON);
          expect(stored.filter(known.isAbsent)).toEqual([]);
          now += pause;
        }
        await commitDue();
        expect(stored.filter(known.isAbsent)).toEqual([]);
      },
    );
    await fc.assert(runs, { numRuns: 25 });
  });

  test('many are walked in pages, and the next walk begins an hour before the end of that one', async () => {
    let now = START;
    const ids = Array.from({ length: 2500 }, (_, n) => idAt(START - 2 * HOUR + n));
    await insert(ids);
    const { sql: counted, ...state } = watched(sql);
    const observed = watched(counted);
    const known = createKnownIds(
      observed.sql,
      clocks(() => now),
    );
    await known.learn(ON);
    expect([observed.statements, state.statements]).toEqual([3, 0]);
    expect(ids.filter(known.isAbsent)).toEqual([]);
    // Not due yet.
    await known.learn(ON);
    expect(observed.statements).toBe(3);
    now += 61_000;
    await known.learn(ON);
    expect(observed.statements).toBe(4);
  });

  test('old ids that do not exist are absent; nothing is before the first walk', async () => {
    const known = createKnownIds(
      sql,
      clocks(() => START),
    );
    const forged = Array.from({ length: 10_000 }, (_, n) => idAt(START - HOUR - n));
    expect(forged.some(known.isAbsent)).toBe(false);
    await insert(forged.slice(0, 10));
    await known.learn(ON);
    expect(forged.slice(0, 10).filter(known.isAbsent)).toEqual([]);
    // Expected are 6 that look known.
    expect(forged.filter(known.isAbsent).length).toBeGreaterThan(9960);
  });

  test('a product that a walk missed is found by the next one', async () => {
    let now = START;
    const known = createKnownIds(
      sql,
      clocks(() => now),
    );
    await known.learn(ON);
    const late = idAt(START - 50 * 60_000);
    await insert([late]);
    expect(known.isAbsent(late)).toBe(true);
    now += 61_000;
    await known.learn(ON);
    expect(known.isAbsent(late)).toBe(false);
  });

  test('a clock that was ahead makes no product absent once it is right', async () => {
    let [now, ticks] = [START + 10 * 60_000, 0];
    const known = createKnownIds(sql, { now: () => now, ticks: () => ticks });
    await known.learn(ON);
    now = START;
    const pass = (ms: number) => {
      now += ms;
      ticks += ms;
    };
    for (let n = 0; n < 100; n++) {
      const id = idAt(now);
      await insert([id]);
      pass(10_000);
      await known.learn(ON);
      expect(known.isAbsent(id)).toBe(false);
      pass(29_000);
      expect(known.isAbsent(id)).toBe(false);
    }
  });

  test('from a replica that is late only older ids are known', async () => {
    const known = createKnownIds(
      { ...sql, stalenessMs: () => 25_000 },
      clocks(() => START),
    );
    await known.learn(ON);
    expect([START - 54_000, START - 56_000].map((ms) => known.isAbsent(idAt(ms)))).toEqual([false, true]);
  });

  test('a product that was found is never absent, whatever the time in its id', async () => {
    const known = createKnownIds(
      sql,
      clocks(() => START),
    );
    await known.learn(ON);
    for (const id of [idAt(START - HOUR), idAt(START + HOUR)]) {
      expect(known.isAbsent(id)).toBe(true);
      known.add(id);
      expect(known.isAbsent(id)).toBe(false);
    }
  });

  test('no id of the last seconds is absent, and each that begins after the next minute is', async () => {
    const known = createKnownIds(
      sql,
      clocks(() => START),
    );
    await known.learn(ON);
    for (const ms of [START - 29_000, START, START + 59_000]) expect(known.isAbsent(idAt(ms))).toBe(false);
    for (const ms of [START - 31_000, START + 61_000, START + 1000 * HOUR])
      expect(known.isAbsent(idAt(ms))).toBe(true);
  });

  test('a walk that fails or is stopped knows nothing, and is tried again soon', async () => {
    let now = START;
    const id = idAt(START - HOUR);
    const ids = Array.from({ length: 1500 }, (_, n) => idAt(START - 2 * HOUR + n));
    await insert([...ids, id]);
    let failing = true;
    let asked = 0;
    const query: Sql['query'] = (statement, values) => {
      asked += 1;
      return failing ? Promise.reject(new Error('gone')) : sql.query(statement, values);
    };
    const known = createKnownIds(
      { ...sql, query },
      clocks(() => now),
    );
    await expect(known.learn(ON)).rejects.toThrow('gone');
    expect(known.isAbsent(idAt(START - HOUR))).toBe(false);
    failing = false;
    now += 4999;
    await known.learn(ON);
    expect(asked).toBe(1);
    now += 1;
    await known.learn(AbortSignal.abort());
    expect(asked).toBe(2);
    expect(known.isAbsent(idAt(START - HOUR))).toBe(false);
    now += 6000;
    await known.learn(ON);
    expect([known.isAbsent(idAt(START - HOUR)), known.isAbsent(id)]).toEqual([true, false]);
  });
});

test('the budget for loads that find nothing is a hundred at once, twenty a second, and never for known ids', () => {
  let now = START;
  const known = createKnownIds(
    {} as Sql,
    clocks(() => now),
  );
  const unknown = idAt(START);
  const spent = () => {
    let loads = 0;
    for (; loads < 1000; loads++) {
      try {
        known.assertMayLoad(unknown);
      } catch (error) {
        expect(error).toBeInstanceOf(TooManyUnknownIdsError);
        return loads;
      }
      known.foundNothing();
    }
    return loads;
  };
  expect(spent()).toBe(100);
  now += 1000;
  expect(spent()).toBe(20);
  known.add(unknown);
  known.assertMayLoad(unknown);
});

import { createKeys, type KeyedRequest } from '../../../lambda/inventory/idempotency';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { DuplicateKeyError, type Sql } from '../../../lambda/shared/sql/sql';
import { emptiedSchema } from '../../support/emptied-schema';
import { engines } from '../../support/engines';

const DAY_MS = 24 * 60 * 60_000;

describe.each(engines())('the record of a request on $name', (engine) => {
  const request: KeyedRequest = { userId: 'somebody', key: 'a-key-1', fingerprint: 'same' };
  let sql: Sql;
  let now = 0;
  beforeEach(async () => {
    sql = await emptiedSchema(engine, 'keys', inventoryMigrations);
    now = 0;
  });

  const keysOf = (through: Sql) => createKeys(through, () => now);
  /** Works, unless an earlier request did: then its result is what it says. */
  const once = (result: string, through = sql) =>
    keysOf(through).once(
      request,
      result,
      async () => result,
      async (id) => id,
    );

  test('holds for a day, to the millisecond', async () => {
    await once('first');
    now = DAY_MS - 1;
    expect(await once('second')).toEqual({ result: 'first', replayed: true });
    now = DAY_MS;
    expect(await once('second')).toEqual({ result: 'second', replayed: false });
    expect(await once('third')).toEqual({ result: 'second', replayed: true });
  });

  test('is not made, and not looked for, when the work itself finds a key taken', async () => {
    const taken = async (): Promise<string> => {
      throw new DuplicateKeyError('taken');
    };
    const asked = keysOf(sql).once(request, 'first', taken, taken);
    await expect(asked).rejects.toThrow(DuplicateKeyError);
    expect(await once('second')).toEqual({ result: 'second', replayed: false });
  });

  test('outlives a sweep that found it expired, if another request renewed it in between', async () => {
    await once('first');
    now = DAY_MS;
    let renewed = false;
    const overtaken: Sql = {
      ...sql,
      query: async (statement, values) => {
        const found = await sql.query<never>(statement, values);
        if (!renewed) {
          renewed = true;
          await once('second');
        }
        return found;
      },
    };
    expect(await keysOf(overtaken).sweep()).toBe(0);
    expect(renewed).toBe(true);
    expect(await once('third')).toEqual({ result: 'second', replayed: true });
  });
});

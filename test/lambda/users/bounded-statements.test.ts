import { migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { usersMigrations } from '../../../lambda/users/migrations';
import { engines } from '../../support/engines';
import { costOfEach } from '../../support/examined';
import { askEverything, createAccounts } from './every-statement';

const FEW = 1000;
const MANY = 200_000;

/** For a statement that finds nothing, and for each row that one finds. */
const SLACK = 80;
const PER_ROW = 8;

describe.each(engines())('with 200,000 accounts on $name', (engine) => {
  let few: Sql;
  let many: Sql;
  const filled = async (accounts: number) => {
    const { url, ...sql } = await engine.open('accounts');
    await migrate(sql, usersMigrations);
    const maintenance = await openSql(url, { use: 'maintenance' });
    await createAccounts(maintenance, accounts);
    await maintenance.close();
    return sql;
  };
  beforeAll(async () => {
    [few, many] = [await filled(FEW), await filled(MANY)];
  }, 600_000);

  test('every statement of the API and of the work beside it reads about as much as with 1,000', async () => {
    const left: unknown[] = [];
    const costs = (sql: Sql) =>
      costOfEach(engine.name, sql, async (recorded) => left.push(...(await askEverything(recorded))));
    const [small, large] = [await costs(few), await costs(many)];
    expect(left).toEqual([]);
    expect([...large.keys()].sort()).toEqual([...small.keys()].sort());
    expect(large.size).toBeGreaterThan(20);
    const wasteful = [...large].filter(([, { rows, examined }]) => examined > SLACK + PER_ROW * rows);
    const growing = [...large].filter(
      ([statement, { examined }]) => examined > 2 * (small.get(statement)?.examined ?? 0) + SLACK,
    );
    expect({ wasteful, growing }).toEqual({ wasteful: [], growing: [] });
  });
});

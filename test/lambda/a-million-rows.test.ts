import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';
import { usersMigrations } from '../../lambda/users/migrations';
import { describeServers, type Engine, type ServerEngine } from '../support/engines';
import { type Cost, costOfEach } from '../support/examined';
import { askEverything as askInventory, isSearch } from './inventory/every-statement';
import { BUSY, createCatalog, createHistory, createMonths, FEW_SHARES } from './inventory/large-catalog';
import { askEverything as askUsers, createAccounts } from './users/every-statement';

const MILLION = 1_000_000;

/** For a statement that finds nothing, and for each row that one finds: a page of three parts reads a page of each. */
const SLACK = 80;
const PER_ROW = 12;
/** For one that counts up to a bound, or looks for words: decision 0063. */
const MOST_OF_SEARCH = 10_000;

/** Tables of few rows: of a bucket, a key or a state each. */
const FEW = /\b(buckets|signing_keys|archive_\w+|heartbeat)\b/;

/** A plan that begins at one end of a table is right only for a page, which ends after its rows. */
const isPage = (statement: string, cost: Cost) =>
  /\bLIMIT \d+/.test(statement) && cost.examined <= mostFor(statement, cost);
const mostFor = (statement: string, { rows }: Cost) =>
  isSearch(statement) ? MOST_OF_SEARCH : SLACK + PER_ROW * rows;

const findings = (costs: Map<string, Cost>) => ({
  scans: [...costs].filter(
    ([statement, cost]) =>
      cost.scans.some((scan) => !FEW.test(scan)) && !isPage(statement, cost) && !isSearch(statement),
  ),
  wasteful: [...costs].filter(([statement, cost]) => cost.examined > mostFor(statement, cost)),
});

/** That these are all statements is held by `every-statement.test.ts`. */
describeServers('a million rows in each table', (engine) => {
  const large = withRoom(engine);

  it('F4: no statement of inventory reads a table from one end to the other', async () => {
    const sql = await filled(large, async (maintenance) => {
      await createCatalog(maintenance, MILLION, FEW_SHARES);
      await createHistory(maintenance, MILLION, 0);
      await createMonths(maintenance, MILLION / 10);
    });
    const costs = await costOfEach(engine.name, sql, (recorded) => askInventory(recorded, BUSY), {
      plans: true,
    });
    expect(costs.size).toBeGreaterThan(80);
    expect(findings(costs)).toEqual({ scans: [], wasteful: [] });
  }, 900_000);

  it('F4: nor one of users', async () => {
    const sql = await filled(large, async (maintenance) => {
      await migrate(maintenance, usersMigrations);
      await createAccounts(maintenance, MILLION);
    });
    const costs = await costOfEach(engine.name, sql, askUsers, { plans: true });
    expect(costs.size).toBeGreaterThan(30);
    expect(findings(costs)).toEqual({ scans: [], wasteful: [] });
  }, 900_000);
});

/** A server of its own, which keeps the rows in memory and writes each once. */
function withRoom(engine: ServerEngine): Engine {
  return engine.on(
    engine.launch(
      ...['--innodb-buffer-pool-size=1G', '--skip-log-bin', '--innodb-doublewrite=0'],
      ...[
        '--innodb-flush-log-at-trx-commit=0',
        '--loose-innodb-log-file-size=1G',
        '--loose-innodb-redo-log-capacity=1G',
      ],
    ),
  );
}

/** An engine plans by what it knows of its tables, which it finds out by itself in time. */
async function filled(engine: Engine, fill: (maintenance: Sql) => Promise<void>): Promise<Sql> {
  const { url, ...sql } = await engine.open('million');
  const maintenance = await openSql(url, { use: 'maintenance' });
  const start = performance.now();
  await fill(maintenance);
  const tables = await maintenance.query<Record<string, string>>('SHOW TABLES');
  for (const row of tables) await maintenance.query(`ANALYZE TABLE ${Object.values(row)[0]}`);
  console.info(`${engine.name}: filled in ${Math.round((performance.now() - start) / 1000)} s`);
  await maintenance.close();
  return sql;
}

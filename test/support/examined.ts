import type { Sql, SqlValue, Statements } from '../../lambda/shared/sql/sql';
import { scansOf } from './plans';

/** SQLite counts the steps of its virtual machine: about so many for each row of an index that it reads or looks up. */
const STEPS_A_ROW = 8;

/** Counts the rows that the engine of this name reads for `work`, whose statements all run in the transaction. */
export async function examined(
  engine: string,
  tx: Statements,
  work: (tx: Statements) => Promise<unknown>,
): Promise<number> {
  const count = engine === 'SQLite' ? sqliteRows : mysqlRows;
  const before = await count(tx);
  await work(tx);
  return (await count(tx)) - before;
}

async function sqliteRows({ query }: Statements): Promise<number> {
  const [row] = await query<{ steps: number | null }>(
    `SELECT SUM(nstep) AS steps FROM sqlite_stmt WHERE sql NOT LIKE '%sqlite_stmt%'`,
  );
  return Math.round((row?.steps ?? 0) / STEPS_A_ROW);
}

/** Rows of temporary tables as well. */
async function mysqlRows({ query }: Statements): Promise<number> {
  const rows = await query<{ Value: string }>(`SHOW SESSION STATUS LIKE 'Handler_read%'`);
  return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
}

export interface Cost {
  /** Returned, or matched by a change. */
  readonly rows: number;
  /** Read for them. */
  readonly examined: number;
  /** The tables that the engine plans to read from one end. Only if plans are wanted. */
  readonly scans: readonly string[];
}

/**
 * Lets `work` run in one transaction, which is taken back, and returns what its statements read: of those that differ in
 * the length of a list alone, the one that read most for each row.
 * @param plans true to ask MySQL or MariaDB for the plan of each as well
 */
export async function costOfEach(
  engine: string,
  sql: Sql,
  work: (sql: Sql) => Promise<unknown>,
  { plans = false } = {},
): Promise<Map<string, Cost>> {
  const costs = new Map<string, Cost>();
  const measuring = (tx: Statements): Sql => {
    let last: Promise<unknown> = Promise.resolve();
    const measure = <Result>(
      statement: string,
      values: readonly SqlValue[] | undefined,
      run: () => Promise<Result>,
      rowsOf: (result: Result) => number,
    ) => {
      const measured = last.then(async () => {
        let result: Result | undefined;
        const scans = plans ? await scansOf(tx, statement, values) : [];
        const read = await examined(engine, tx, async () => {
          result = await run();
        });
        const cost = { rows: rowsOf(result as Result), examined: read, scans };
        const key = shapeOf(statement);
        const before = costs.get(key);
        if (!before || perRow(cost) > perRow(before)) costs.set(key, cost);
        return result as Result;
      });
      last = measured.catch(() => undefined);
      return measured;
    };
    const statements: Statements = {
      query: (statement, values) =>
        measure(
          statement,
          values,
          () => tx.query(statement, values),
          (rows) => rows.length,
        ) as never,
      execute: (statement, values) =>
        measure(
          statement,
          values,
          () => tx.execute(statement, values),
          (rows) => rows,
        ),
    };
    return {
      ...statements,
      transaction: (inner) => inner(statements),
      exclusively: (_name, inner) => inner(statements),
      close: async () => undefined,
    };
  };
  await sql
    .transaction(async (tx) => {
      await work(measuring(tx));
      throw new TakenBack();
    })
    .catch((error: unknown) => {
      if (!(error instanceof TakenBack)) throw error;
    });
  return costs;
}

class TakenBack extends Error {}

const perRow = ({ rows, examined }: Cost) => examined / (rows + 1);

/** The statement, whatever the length of its lists. */
const shapeOf = (statement: string): string =>
  statement
    .replace(/\s+/g, ' ')
    .replace(/\?(, \?)+/g, '?, …')
    .replace(/(\(\?, …\))(, \(\?, …\))+/g, '$1, …')
    .trim();

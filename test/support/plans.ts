import type { SqlValue, Statements } from '../../lambda/shared/sql/sql';

/** The used columns of EXPLAIN on MySQL and MariaDB. */
interface Step {
  readonly select_type: string;
  readonly table: string | null;
  readonly type: string | null;
}

/**
 * The tables and indexes that MySQL or MariaDB plans to read from one end, as its plan says it. A statement with a LIMIT may
 * stop early.
 */
export async function scansOf(
  { query }: Statements,
  statement: string,
  values?: readonly SqlValue[],
): Promise<string[]> {
  const steps = await query<Step>(`EXPLAIN FORMAT=TRADITIONAL ${statement}`, values);
  return steps
    .filter(({ select_type, table, type }) => {
      const isResult = table === null || table.startsWith('<');
      return !isResult && select_type !== 'INSERT' && (type === 'ALL' || type === 'index');
    })
    .map(({ table, type }) => `${table} ${type}`);
}

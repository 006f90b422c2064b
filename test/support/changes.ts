import type { Sql } from '../../lambda/shared/sql/sql';

/** The same schema, and how many rows each statement changed outside of transactions. */
export function countingChanges(sql: Sql): { readonly sql: Sql; readonly changes: number[] } {
  const changes: number[] = [];
  const execute: Sql['execute'] = async (statement, values) => {
    const rows = await sql.execute(statement, values);
    changes.push(rows);
    return rows;
  };
  return { sql: { ...sql, execute }, changes };
}

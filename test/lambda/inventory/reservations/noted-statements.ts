import type { Sql, Statements } from '../../../../lambda/shared/sql/sql';

/** Notes the statements of transactions. */
export function noting(sql: Sql, sent: string[]): Sql {
  const through = ({ query, execute }: Statements): Statements => ({
    query: (statement, values) => {
      sent.push(statement);
      return query(statement, values);
    },
    execute: (statement, values) => {
      sent.push(statement);
      return execute(statement, values);
    },
  });
  return { ...sql, transaction: (work) => sql.transaction((tx) => work(through(tx))) };
}

import { span } from '../runtime/trace';
import type { Sql, Statements } from './sql';

/** The same schema; its statements are spans of the requests that wait for them. */
export function tracedSql(sql: Sql): Sql {
  return {
    ...sql,
    ...tracedStatements(sql),
    transaction: (work) => span('sql transaction', () => sql.transaction((tx) => work(tracedStatements(tx)))),
  };
}

const tracedStatements = ({ query, execute }: Statements): Statements => ({
  query: (statement, values) => span(nameOf(statement), () => query(statement, values)),
  execute: (statement, values) => span(nameOf(statement), () => execute(statement, values)),
});

/** Statements are few; those with lists of parameters have some lengths each. */
const MOST_NAMES = 1000;
const names = new Map<string, string>();

function nameOf(statement: string): string {
  const known = names.get(statement);
  if (known) return known;
  if (names.size === MOST_NAMES) names.clear();
  const name = shortened(statement);
  names.set(statement, name);
  return name;
}

/** The verb and the table: `sql SELECT products`. */
function shortened(statement: string): string {
  const [verb = ''] = /\w+/.exec(statement) ?? [];
  const [, table] = /\b(?:FROM|INTO|UPDATE|TABLE)\s+(\w+)/i.exec(statement) ?? [];
  return table ? `sql ${verb} ${table}` : `sql ${verb}`;
}

import type { Column, Table } from './tables';

/** The values of a primary key, as text. */
export type Key = readonly string[];

/** Keys above `after`, up to and including `upTo`; without one of them, from the beginning or to the end. */
export interface Range {
  readonly after?: Key;
  readonly upTo?: Key;
}

/** A row as text by column name. */
export type Row = Readonly<Record<string, string | null>>;

export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | null)[];
}

const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``;

/** Counts the rows of a range and sums up what they hold: 64 bits, in hex, whatever the order. MySQL 9.6 has no MD5. */
export function checksum(table: Table, range: Range): Statement {
  const where = within(table, range);
  const values = `CONCAT_WS(',', ${table.columns.map(unambiguous).join(', ')})`;
  const hash = `CONV(LEFT(SHA2(${values}, 256), 16), 16, 10)`;
  return {
    sql: `SELECT COUNT(*) AS n, HEX(BIT_XOR(CAST(${hash} AS UNSIGNED))) AS hash FROM ${quoted(table.name)} ${where.sql}`,
    values: where.values,
  };
}

/** Counts all rows, by the shortest index. */
export const counting = (table: Table): Statement => {
  const where = within(table, {});
  return { sql: `SELECT COUNT(*) AS n FROM ${quoted(table.name)} ${where.sql}`, values: where.values };
};

/** Length prefixes distinguish ('a,b', 'c') from ('a', 'b,c'), and NULL from any text. */
function unambiguous({ name, kind, nullable }: Column): string {
  const column = quoted(name);
  const value = kind === 'text' ? `CONCAT(LENGTH(${column}), ':', ${column})` : column;
  return nullable ? `COALESCE(${value}, '-')` : value;
}

/** The key of the `nth` row of a range. */
export function keyAt(table: Table, range: Range, nth: number): Statement {
  const where = within(table, range);
  // Qualified, since the alias of the same name is text, which sorts '10' before '9'.
  const order = table.key.map((name) => `${quoted(table.name)}.${quoted(name)}`).join(', ');
  return {
    sql: `SELECT ${table.key.map((name) => asText(columnOf(table, name))).join(', ')} FROM ${quoted(table.name)} ${where.sql}
      ORDER BY ${order} LIMIT 1 OFFSET ${Math.trunc(nth) - 1}`,
    values: where.values,
  };
}

export function rowsIn(table: Table, range: Range): Statement {
  return select(table, within(table, range));
}

/** The rows with these keys. */
export function rowsWith(table: Table, keys: readonly Key[]): Statement {
  return select(table, matching(table, table.key, keys));
}

const select = (table: Table, where: Statement): Statement => ({
  sql: `SELECT ${table.columns.map(asText).join(', ')} FROM ${quoted(table.name)} ${where.sql}`,
  values: where.values,
});

/** Deletes rows whose values in these columns equal one of the tuples. */
export function deletion(table: Table, columns: readonly string[], tuples: readonly Key[]): Statement {
  const where = matching(table, columns, tuples);
  return { sql: `DELETE FROM ${quoted(table.name)} ${where.sql}`, values: where.values };
}

export function insertion(table: Table, rows: readonly Row[]): Statement {
  const names = table.columns.map(({ name }) => name);
  const tuple = `(${names.map(() => '?').join(', ')})`;
  return {
    sql: `INSERT INTO ${quoted(table.name)} (${names.map(quoted).join(', ')}) VALUES ${rows.map(() => tuple).join(', ')}`,
    values: rows.flatMap((row) => names.map((name) => row[name] ?? null)),
  };
}

const asText = ({ name, kind }: Column) =>
  kind === 'text' ? quoted(name) : `CAST(${quoted(name)} AS CHAR) AS ${quoted(name)}`;

/** A comparison of text with a number would use floating point. */
const parameter = ({ kind }: Column) => (kind === 'text' ? '?' : `CAST(? AS ${kind.toUpperCase()})`);

function columnOf({ name, columns }: Table, wanted: string): Column {
  const column = columns.find((candidate) => candidate.name === wanted);
  if (!column) throw new Error(`${name} has no column ${wanted}`);
  return column;
}

function matching(table: Table, columns: readonly string[], tuples: readonly Key[]): Statement {
  const one = columns.map((name) => `${quoted(name)} = ${parameter(columnOf(table, name))}`).join(' AND ');
  return { sql: `WHERE ${tuples.map(() => `(${one})`).join(' OR ')}`, values: tuples.flat() };
}

function within(table: Table, { after, upTo }: Range): Statement {
  const key = table.key.map((name) => columnOf(table, name));
  const bounds = [part(table), after && bound(key, '>', after), upTo && bound(key, '<=', upTo)].filter(
    (given) => given !== undefined,
  );
  if (bounds.length === 0) return { sql: '', values: [] };
  return {
    sql: `WHERE ${bounds.map(({ sql }) => sql).join(' AND ')}`,
    values: bounds.flatMap(({ values }) => values),
  };
}

const part = ({ only }: Table): Statement | undefined =>
  only && { sql: `${quoted(only.column)} = ${Math.trunc(only.value)}`, values: [] };

/** (a, b) > (x, y), written as `a >= x AND (a > x OR b > y)`, since row comparisons would not use the index. */
function bound(key: readonly Column[], compare: '>' | '<=', [value = '', ...others]: Key): Statement {
  const [column, ...rest] = key as [Column, ...Column[]];
  const [name, given] = [quoted(column.name), parameter(column)];
  if (rest.length === 0) return { sql: `${name} ${compare} ${given}`, values: [value] };
  const inner = bound(rest, compare, others);
  const strict = compare.charAt(0);
  return {
    sql: `${name} ${strict}= ${given} AND (${name} ${strict} ${given} OR (${inner.sql}))`,
    values: [value, value, ...inner.values],
  };
}

import { acrossParts } from '../inventory/month-tables';
import type { Statements } from '../shared/sql/sql';
import type { Warehouse } from './warehouse';

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

/** The names of the tables of one half. */
interface Tables {
  readonly ledger: string;
  readonly reservations: string;
  readonly items: string;
}

/** Sums by key, of one half or of both: `keys` name a group, all other columns are added up. */
export interface Sums {
  readonly keys: readonly string[];
  readonly rows: readonly Readonly<Record<string, string | number>>[];
}

interface Question {
  readonly title: string;
  readonly keys: readonly string[];
  /** A SELECT of sums, in SQL of every engine. A reservation and its items are always in the same half. */
  readonly sql: (tables: Tables, now: number) => string;
}

/** The questions that a shop asks of all its time. */
export const QUESTIONS = {
  sold: {
    title: 'What sold when',
    keys: ['sold_on', 'currency'],
    sql: ({ reservations, items }) =>
      `SELECT r.created_at - r.created_at % ${DAY_MS} AS sold_on, i.currency AS currency,
         SUM(i.quantity) AS pieces, SUM(i.quantity * i.amount) AS amount
       FROM ${reservations} r JOIN ${items} i ON i.reservation_id = r.id
       WHERE r.status = 'confirmed' GROUP BY r.created_at - r.created_at % ${DAY_MS}, i.currency`,
  },
  turnover: {
    title: 'How often the stock of a product was sold in a year',
    keys: ['product_id'],
    sql: ({ ledger }, now) =>
      `SELECT product_id, SUM(CASE WHEN kind = 'sold' AND created_at >= ${now - YEAR_MS} THEN -quantity ELSE 0 END) AS sold,
         SUM(CASE WHEN created_at < ${now - YEAR_MS} THEN quantity ELSE 0 END) AS opening, SUM(quantity) AS closing
       FROM ${ledger} GROUP BY product_id`,
  },
  unbought: {
    title: 'What is reserved and never bought',
    keys: ['product_id'],
    sql: ({ reservations, items }) =>
      `SELECT i.product_id AS product_id, SUM(i.quantity) AS reserved,
         SUM(CASE WHEN r.status IN ('released', 'expired') THEN i.quantity ELSE 0 END) AS returned
       FROM ${reservations} r JOIN ${items} i ON i.reservation_id = r.id GROUP BY i.product_id`,
  },
} as const satisfies Readonly<Record<string, Question>>;

export type QuestionName = keyof typeof QUESTIONS;

export const isQuestion = (name: string): name is QuestionName => Object.hasOwn(QUESTIONS, name);

/** The half that is in the database. `now`: epoch milliseconds. */
export async function askHere(sql: Statements, name: QuestionName, now: number): Promise<Sums> {
  const question: Question = QUESTIONS[name];
  const rows = await acrossParts<Record<string, string | number>>(
    sql,
    (part) => {
      const [ledger, reservations, items] = ['ledger', 'reservations', 'reservation_items'].map(
        (table) => part + table,
      ) as [string, string, string];
      return question.sql({ ledger, reservations, items }, now);
    },
    [],
  );
  return addUp([{ keys: question.keys, rows }]);
}

/** The half that is in the warehouse. */
export async function askThere(warehouse: Warehouse, name: QuestionName, now: number): Promise<Sums> {
  const question: Question = QUESTIONS[name];
  await warehouse.prepare();
  const tables = { ledger: 'ledger', reservations: 'reservations', items: 'items' };
  const rows = await warehouse.query<Record<string, string | number>>(question.sql(tables, now));
  return { keys: question.keys, rows };
}

/** Both halves, or the parts of one. */
export function addUp(halves: readonly Sums[]): Sums {
  const keys = halves[0]?.keys ?? [];
  const groups = new Map<string, Record<string, string | number>>();
  for (const row of halves.flatMap(({ rows }) => rows)) {
    const group = JSON.stringify(keys.map((key) => row[key]));
    const sum = groups.get(group);
    if (!sum)
      groups.set(
        group,
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, keys.includes(name) ? value : Number(value)]),
        ),
      );
    else
      for (const [name, value] of Object.entries(row))
        if (!keys.includes(name)) sum[name] = Number(sum[name]) + Number(value);
  }
  return { keys, rows: [...groups.values()] };
}

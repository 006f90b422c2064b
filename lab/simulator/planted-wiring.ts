import { AsyncResource } from 'node:async_hooks';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Blobs } from '../../lambda/shared/blobs/blobs';
import type { Cache, CacheEntry } from '../../lambda/shared/cache/cache';
import { OutcomeUnknownError, type Sql, type SqlValue, type Statements } from '../../lambda/shared/sql/sql';
import type { Table } from '../../lambda/shared/tables/table';
import type { Role, Wiring } from './shop';

/** Takes the place of a statement: as another one, or with an answer of its own. */
type Instead = (statement: string, values: readonly SqlValue[]) => string | { readonly answer: unknown };

/** The statements that contain a text are something else on their way to the database. */
export const statements = (text: string, instead: Instead): Wiring => ({
  sql: (sql) => {
    const replaced =
      (run: (statement: string, values?: readonly SqlValue[]) => Promise<unknown>) =>
      async (statement: string, values: readonly SqlValue[] = []) => {
        if (!statement.includes(text)) return run(statement, values);
        const other = instead(statement, values);
        return typeof other === 'string' ? run(other, values) : other.answer;
      };
    const through = ({ query, execute }: Statements) =>
      ({ query: replaced(query), execute: replaced(execute as never) }) as Statements;
    return {
      ...sql,
      ...through(sql),
      transaction: (work) => sql.transaction((tx) => work(through(tx))),
    };
  },
});

/** A part of the statements that contain it is another text. It has to have as many parameters. */
export const rewritten = (text: string, other: string): Wiring =>
  statements(text, (statement) => statement.replace(text, other));

/** These statements are not sent, and are said to have matched a row. */
export const swallowed = (text: string): Wiring => statements(text, () => ({ answer: 1 }));

/** These queries find nothing. */
export const unseen = (text: string): Wiring => statements(text, () => ({ answer: [] }));

/** A query answers from then on as it did the first time. */
export const remembered = (text: string, which: (rows: readonly unknown[]) => boolean): Wiring => ({
  sql: (sql) => {
    const known = new Map<string, Promise<unknown[]>>();
    return {
      ...sql,
      query: async <Row>(statement: string, values: readonly SqlValue[] = []) => {
        if (!statement.includes(text)) return sql.query<Row>(statement, values);
        // The last value is the time.
        const key = JSON.stringify(values.slice(0, -1));
        const before = known.get(key);
        if (before) return (await before) as Row[];
        const rows = await sql.query<Row>(statement, values);
        if (which(rows)) known.set(key, Promise.resolve(rows));
        return rows;
      },
    };
  },
});

/** Only the movers have the bug, or only all others. */
export const of = (who: 'movers' | 'others', { sql, table }: Wiring): Wiring => {
  const isOne = (role: Role) => (role === 'mover') === (who === 'movers');
  return {
    ...(sql && { sql: (to, role) => (isOne(role) ? sql(to, role) : to) }),
    ...(table && { table: (to, role) => (isOne(role) ? table(to, role) : to) }),
  };
};

const transactions = (other: (sql: Sql) => Sql['transaction']): Wiring => ({
  sql: (sql) => ({ ...sql, transaction: other(sql) }),
});

/** Each statement is a transaction of its own. */
export const apart = transactions((sql) => (work) => work(sql));

/** The work is answered before its commit. */
export const early = transactions(
  (sql) => (work) =>
    new Promise((resolve, reject) => {
      const whole = sql.transaction(async (tx) => {
        const result = await work(tx);
        resolve(result);
        return result;
      });
      whole.catch(reject);
    }),
);

/** A commit without an answer counts as one. */
export const hopeful = transactions((sql) => async (work) => {
  let result: unknown;
  try {
    return await sql.transaction(async (tx) => {
      const worked = await work(tx);
      result = worked;
      return worked;
    });
  } catch (error) {
    if (error instanceof OutcomeUnknownError) return result as never;
    throw error;
  }
});

/** Reads that should be fresh go where all others go. */
export const unfresh: Wiring = {
  sql: (sql) => {
    const outside = new AsyncResource('reads');
    const query = <Row>(statement: string, values?: readonly SqlValue[]) =>
      outside.runInAsyncScope(() => sql.query<Row>(statement, values));
    return { ...sql, query };
  },
};

/** A replica says that it is up to date. */
export const boastful: Wiring = {
  replica: (sql) => ({
    ...sql,
    query: async <Row>(statement: string, values?: readonly SqlValue[]) =>
      statement.includes('FROM heartbeats')
        ? ([{ beatAt: Date.now() }] as Row[])
        : sql.query<Row>(statement, values),
  }),
};

/** Some calls of the cache are others. */
export const cache = (other: (cache: Cache) => Partial<Cache>): Wiring => ({
  cache: (to) => ({ ...to, ...other(to) }),
});

/** Puts another entry into the cache: undefined is not put, and is said to be there. */
export const put = (
  other: (entry: CacheEntry, key: string) => { entry: CacheEntry; ttlMs?: number } | undefined,
): Wiring =>
  cache((to) => ({
    put: async (key, entry, ttlMs) => {
      const instead = other(entry, key);
      return instead ? to.put(key, instead.entry, instead.ttlMs ?? ttlMs) : true;
    },
  }));

/** Some calls of the table of photos are others. */
export const table = (other: (table: Table) => Partial<Table>): Wiring => ({
  table: (to) => ({ ...to, ...other(to) }),
});

/** Some calls of the store of files are others. */
export const blobs = (other: (blobs: Blobs) => Partial<Blobs>): Wiring => ({
  blobs: (to) => ({ ...to, ...other(to) }),
});

/** Commands of a kind have another effect at the queue. */
export const queue = (
  kind: abstract new (...args: never[]) => unknown,
  other: (send: (command: unknown) => Promise<unknown>, command: unknown) => Promise<unknown>,
): Wiring => ({
  queue: (client) => {
    const send = client.send.bind(client) as (command: unknown) => Promise<unknown>;
    const instead = (command: unknown) => (command instanceof kind ? other(send, command) : send(command));
    return { send: instead } as unknown as SQSClient;
  },
});

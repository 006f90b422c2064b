import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { errno } from '../../shared/sql/mysql-errors';
import type { Tls } from '../../shared/sql/rds-tls';
import { lock, unlock } from '../mover-lock';
import type { Key } from './statements';
import { CHANGED_ROWS, type Table } from './tables';

/** A row that was inserted, changed or deleted. */
export interface Note {
  /** Counts up, but not in the order of commits: a lower one may appear later. */
  readonly id: number;
  readonly table: string;
  readonly key: Key;
}

/**
 * Notes the rows that change in a schema while its writers go on: once everything was compared, only these have to be
 * compared again. A note is written in the transaction of the change, by triggers, so neither is there without the other.
 */
export interface ChangeLog {
  /** Notes changes of these tables from now on, and nothing of before. @throws MoverRunningError */
  begin(tables: readonly Table[]): Promise<void>;
  /** At most 1,000 notes with ids above `after`, in the order of ids. */
  notes(after: number): Promise<Note[]>;
  forget(notes: readonly Note[]): Promise<void>;
  /** Leaves nothing in the schema. Idempotent, also for a schema that was dropped. */
  end(): Promise<void>;
  close(): Promise<void>;
}

export interface ChangeLogOptions {
  /** The URL of the schema, with its administrator. */
  readonly admin: string;
  readonly tls?: Tls | null;
}

const PAGE = 1000;
/** Triggers wait for transactions that have used their table, and statements wait for them meanwhile. */
const WAIT_SECONDS = 1;
const PAUSE_MS = 500;
const TRIES = 30;
/** A table takes 45 at most (`TRIES`), and a killed mover's session ends with its statement. */
const WAIT_FOR_OTHERS_SECONDS = 60;
/** Twice what MariaDB's clock of triggers counts in. */
const TRIGGER_CLOCK_MS = 20;
/** ER_LOCK_WAIT_TIMEOUT */
const LOCK_WAIT_TIMEOUT = 1205;

const EVENTS = { insert: ['NEW'], update: ['OLD', 'NEW'], delete: ['OLD'] } as const;
type Event = keyof typeof EVENTS;

export async function openChangeLog({ admin, tls }: ChangeLogOptions): Promise<ChangeLog> {
  const url = new URL(admin);
  const schema = url.pathname.slice(1);
  const connection = await connectTo(Object.assign(url, { pathname: '/' }).href, tls);
  const qualified = (name: string) => `${quoted(schema)}.${quoted(name)}`;
  const log = qualified(CHANGED_ROWS);
  const traces = `${CHANGED_ROWS} of ${schema}`;

  /** Gives way to the transactions that a change of a table waits for, and tries again. */
  const patiently = async (statement: string): Promise<void> => {
    for (let tried = 1; ; tried++) {
      try {
        await connection.query(statement);
        return;
      } catch (error) {
        if (errno(error) !== LOCK_WAIT_TIMEOUT || tried === TRIES) throw error;
        await sleep(PAUSE_MS * (0.5 + Math.random()));
      }
    }
  };

  /**
   * A statement outlives the process that sent it: without the lock, a killed mover's CREATE TRIGGER could end after its
   * successor had dropped the table, and each write of the shop would fail on it.
   */
  const alone = async (change: () => Promise<void>): Promise<void> => {
    await lock(connection, traces, WAIT_FOR_OTHERS_SECONDS);
    try {
      await change();
    } finally {
      // A session that is lost has released it.
      await unlock(connection, traces).catch(() => undefined);
    }
  };

  const removeTraces = async () => {
    const [triggers] = await connection.query<RowDataPacket[]>(
      'SELECT TRIGGER_NAME AS name FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? AND TRIGGER_NAME LIKE ?',
      [schema, `${CHANGED_ROWS}%`],
    );
    for (const { name } of triggers) await patiently(`DROP TRIGGER IF EXISTS ${qualified(name)}`);
    const [tables] = await connection.query<RowDataPacket[]>(
      'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
      [schema, CHANGED_ROWS],
    );
    if (tables.length > 0) await patiently(`DROP TABLE ${log}`);
  };

  /**
   * Without the lock, a statement that is prepared between two triggers can miss the second one on MariaDB, and fails from
   * then on: it is prepared anew only if it is older than the trigger, by a clock of hundredths of a second.
   */
  const makeTriggers = async ({ name, key }: Table) => {
    const note = (row: string) =>
      `(${connection.escape(name)}, JSON_ARRAY(${key.map((column) => `CAST(${row}.${quoted(column)} AS CHAR)`).join(', ')}))`;
    await patiently(`LOCK TABLES ${qualified(name)} WRITE`);
    try {
      await sleep(TRIGGER_CLOCK_MS);
      for (const event of Object.keys(EVENTS) as Event[]) {
        await connection.query(
          `CREATE TRIGGER ${qualified(`${CHANGED_ROWS}_${event}_${name}`)}
            AFTER ${event.toUpperCase()} ON ${qualified(name)} FOR EACH ROW
            INSERT INTO ${log} (table_name, row_key) VALUES ${EVENTS[event].map(note).join(', ')}`,
        );
      }
    } finally {
      await connection.query('UNLOCK TABLES');
    }
  };

  return {
    begin: (tables) =>
      alone(async () => {
        await removeTraces();
        await connection.query(
          `CREATE TABLE ${log} (
            id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
            table_name VARCHAR(64) NOT NULL,
            row_key TEXT NOT NULL
          ) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
        );
        for (const table of tables) await makeTriggers(table);
      }),

    end: () => alone(removeTraces),

    notes: async (after) => {
      const [rows] = await connection.query<RowDataPacket[]>(
        `SELECT id, table_name AS name, row_key AS rowKey FROM ${log} WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
        [after],
      );
      return rows.map(({ id, name, rowKey }) => ({ id: Number(id), table: name, key: JSON.parse(rowKey) }));
    },

    forget: async (notes) => {
      if (notes.length === 0) return;
      const ids = notes.map(({ id }) => id);
      await connection.query<ResultSetHeader>(`DELETE FROM ${log} WHERE id IN (?)`, [ids]);
    },

    close: async () => {
      await connection.end().catch(() => connection.destroy());
    },
  };
}

const quoted = (name: string) => `\`${name}\``;

async function connectTo(url: string, tls: Tls | null | undefined): Promise<Connection> {
  const connection = await createConnection({ uri: url, ssl: tls ? { ...tls } : undefined });
  // Otherwise the driver throws an error that no caller handles when the connection is lost.
  connection.on('error', () => undefined);
  await connection.query(`SET SESSION lock_wait_timeout = ${WAIT_SECONDS}`);
  return connection;
}

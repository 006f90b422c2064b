import { userInfo } from 'node:os';
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';

/** Counters of MariaDB's SHOW GLOBAL STATUS, by their names here. */
const COUNTERS = {
  statements: ['Com_select', 'Com_insert', 'Com_update', 'Com_delete'],
  commits: ['Com_commit'],
  rowsExamined: [
    'Handler_read_first',
    'Handler_read_key',
    'Handler_read_next',
    'Handler_read_prev',
    'Handler_read_rnd',
    'Handler_read_rnd_next',
  ],
  rowsWritten: ['Handler_write', 'Handler_update', 'Handler_delete'],
  flushes: ['Innodb_data_fsyncs'],
  bytesSent: ['Bytes_sent'],
  bytesReceived: ['Bytes_received'],
  bufferPoolReads: ['Innodb_buffer_pool_reads'],
  bufferPoolRequests: ['Innodb_buffer_pool_read_requests'],
  lockWaitMs: ['Innodb_row_lock_time'],
} as const;

export type DatabaseCounters = Readonly<Record<keyof typeof COUNTERS, number>>;
export const COUNTER_NAMES = Object.keys(COUNTERS) as (keyof typeof COUNTERS)[];

export interface DatabaseProbe {
  read(): Promise<DatabaseCounters>;
  close(): Promise<void>;
}

/** Reads the counters of the servers at these sockets, all together, as their administrator, the current user. */
export async function openDatabaseProbe(sockets: readonly string[]): Promise<DatabaseProbe> {
  const user = userInfo().username;
  const connections = await Promise.all(sockets.map((socketPath) => createConnection({ socketPath, user })));
  return {
    read: async () => {
      const each = await Promise.all(connections.map(read));
      return byCounter((_, name) => each.reduce((sum, counters) => sum + counters[name], 0));
    },
    close: async () => {
      for (const connection of connections) await connection.end();
    },
  };
}

async function read(connection: Connection): Promise<DatabaseCounters> {
  const [rows] = await connection.query<RowDataPacket[]>('SHOW GLOBAL STATUS');
  const values = new Map(rows.map(({ Variable_name: name, Value: value }) => [name, Number(value)]));
  return byCounter((names) => names.reduce((sum, name) => sum + (values.get(name) ?? 0), 0));
}

const byCounter = (
  value: (names: readonly string[], counter: keyof typeof COUNTERS) => number,
): DatabaseCounters =>
  Object.fromEntries(COUNTER_NAMES.map((name) => [name, value(COUNTERS[name], name)])) as DatabaseCounters;

export const countersBetween = (before: DatabaseCounters, after: DatabaseCounters): DatabaseCounters =>
  byCounter((_, name) => after[name] - before[name]);

export const perRequest = (counters: DatabaseCounters, requests: number): DatabaseCounters =>
  byCounter((_, name) => counters[name] / Math.max(1, requests));

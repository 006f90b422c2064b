import type { Connection, RowDataPacket } from 'mysql2/promise';

/** Another mover is changing the schema. */
export class MoverRunningError extends Error {
  override name = 'MoverRunningError';
}

/**
 * Locks a name on the server for this connection. The server keeps the lock until `unlock`, or until the session has
 * ended, so also for a statement that outlives the process that sent it. @throws MoverRunningError
 */
export async function lock(connection: Connection, name: string, waitSeconds: number): Promise<void> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS held', [
    name,
    waitSeconds,
  ]);
  if (row?.held !== 1)
    throw new MoverRunningError('Another mover is at work: run this again when it has ended');
}

export async function unlock(connection: Connection, name: string): Promise<void> {
  await connection.query('DO RELEASE_LOCK(?)', [name]);
}

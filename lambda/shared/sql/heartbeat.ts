import { startPeriodicTask } from '../jobs/periodic-task';
import type { Logger } from '../runtime/log';
import { type Migration, TABLE_OPTIONS } from './migrations';
import { DuplicateKeyError, type Sql, type Statements } from './sql';

/** With the jitter of the task, a process beats at least once a second. */
const BEAT_INTERVAL_MS = 660;
/** A process stores no beat this soon after another's: many cost no more commits than two a second. */
const SOON_MS = 500;
/** A beat further ahead is of a clock that is wrong: no reader believes it, and the next beat replaces it. */
const MOST_AHEAD_MS = 2000;
const ID = 'primary';

export const heartbeatMigrations: readonly Migration[] = [
  {
    id: '0030-heartbeats',
    statements: [
      `CREATE TABLE heartbeats (
        id VARCHAR(10) PRIMARY KEY,
        beat_at BIGINT NOT NULL
      ) ${TABLE_OPTIONS}`,
    ],
  },
];

/**
 * The time at which a process that writes last said so: a replica that shows it has everything from before. Undefined if
 * there is none, or one from the future.
 */
export async function lastBeat(
  { query }: Pick<Statements, 'query'>,
  now: () => number = Date.now,
): Promise<number | undefined> {
  const [row] = await query<{ beatAt: number }>('SELECT beat_at AS beatAt FROM heartbeats WHERE id = ?', [
    ID,
  ]);
  return row && row.beatAt <= now() + MOST_AHEAD_MS ? row.beatAt : undefined;
}

/** Stores the time each second until the returned function is called. Several processes may do so. */
export function startHeartbeat(sql: Sql, log: Logger, now: () => number = Date.now): () => Promise<void> {
  let begun = false;
  const beat = async () => {
    if (!begun) await begin(sql);
    begun = true;
    const at = now();
    await sql.execute('UPDATE heartbeats SET beat_at = ? WHERE id = ? AND (beat_at < ? OR beat_at > ?)', [
      at,
      ID,
      at - SOON_MS,
      at + MOST_AHEAD_MS,
    ]);
  };
  return startPeriodicTask(beat, log, BEAT_INTERVAL_MS);
}

async function begin({ execute }: Statements): Promise<void> {
  try {
    await execute('INSERT INTO heartbeats (id, beat_at) VALUES (?, 0)', [ID]);
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
  }
}

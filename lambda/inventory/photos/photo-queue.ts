import type { Jobs } from '../../shared/jobs/jobs';
import type { Sql } from '../../shared/sql/sql';
import type { Table } from '../../shared/tables/table';
import { createPhotoMove } from './move';
import type { PhotoJob } from './photo-job';
import { newPhotosGoTo } from './placement';
import type { SqlPhotoStore } from './repository';
import { createTablePhotos } from './table-repository';
import { createTwoPhotoStores } from './two-stores';

/** Photos whose state is in a table, and whose jobs go to workers that have that table alone. */
export interface PhotoQueue {
  /** Of the shape of `photoTable`. */
  readonly table: Table;
  readonly jobs: Jobs<PhotoJob>;
}

export interface BesideQueue {
  readonly sql: Sql;
  readonly rows: SqlPhotoStore;
  readonly inProcess: Jobs<PhotoJob>;
  readonly now: () => number;
}

/** Photos that are still in SQL are rendered by this process as before; those in the table by the workers. */
export function withQueue({ table, jobs }: PhotoQueue, { sql, rows, inProcess, now }: BesideQueue) {
  const store = createTwoPhotoStores(rows, createTablePhotos(table), table);
  const both: Jobs<PhotoJob> = {
    send: async (job) => ((await store.isInSql(job)) ? inProcess.send(job) : jobs.send(job)),
    assertRoom: async () =>
      (await newPhotosGoTo(table)) === 'table' ? jobs.assertRoom() : inProcess.assertRoom(),
  };
  return { store, jobs: both, move: createPhotoMove({ sql, table, now }) };
}

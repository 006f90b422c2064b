import { availableParallelism } from 'node:os';
import type { Hono } from 'hono';
import type { Blobs } from '../../shared/blobs/blobs';
import { createInProcessJobs, type DeadJob } from '../../shared/jobs/in-process';
import { startPeriodicTask } from '../../shared/jobs/periodic-task';
import type { Logger } from '../../shared/runtime/log';
import type { Sql } from '../../shared/sql/sql';
import { createFollowPhotos, type FollowPhotosOptions } from './follow-photos';
import { mediaRoutes } from './media-routes';
import type { CreatePhotoWorker, PhotoJob } from './photo-job';
import { type PhotoQueue, withQueue } from './photo-queue';
import { createPhotoRepository } from './repository';
import { createPhotos, type Photos } from './service';
import { createSettle } from './settle';
import { createSweeper } from './sweeper';

const SWEEP_EVERY_MS = 60_000;
/** A worker without the database leaves the product's picture to the sweeper. */
const SWEEP_FOR_WORKERS_EVERY_MS = 5000;
const MOVE_EVERY_MS = 15_000;

export interface PhotoPipelineOptions {
  /** The inventory schema, migrated. */
  readonly sql: Sql;
  readonly blobs: Blobs;
  /** Also changes the product's row in lists. */
  readonly setPicture: FollowPhotosOptions['setPicture'];
  readonly log: Logger;
  /** A queue with workers elsewhere, and the table that they write. Default: photos in SQL, rendered by this process. */
  readonly queue?: PhotoQueue | undefined;
  /** Maximum number of photos in the queue of this process. Default 200. */
  readonly capacity?: number;
  /** The cap of the first retry's delay. Default 500. */
  readonly retryMs?: number;
  readonly createWorker: CreatePhotoWorker;
  /** Epoch milliseconds. Default the system's clock. */
  readonly now?: () => number;
}

export interface PhotoPipeline {
  /** For `photoRoutes`. */
  readonly photos: Photos;
  /** `/media/*` and the disk store's `/blobs/*`, to serve beside the API. */
  readonly files: Hono;
  /** Photos that failed too often for now; the sweeper queues them again. */
  readonly dead: readonly DeadJob<PhotoJob>[];
  /** Finishes overdue work and returns the number of photos. Safe to run in several processes. */
  sweep(): Promise<number>;
  /** Moves photos to where they shall be, some at a time, and returns their number. Safe to run in several processes. */
  move(): Promise<number>;
  /** Resolves when no photo waits to be rendered by this process. */
  idle(): Promise<void>;
  /** Resumes the work of the previous process and sweeps. Returns the stop function. */
  background(): () => Promise<void>;
}

export function createPhotoPipeline(options: PhotoPipelineOptions): PhotoPipeline {
  const { sql, blobs, setPicture, log, capacity, retryMs, createWorker, now = Date.now } = options;
  const rows = createPhotoRepository(sql);
  const productExists = async (id: string) =>
    (await sql.query('SELECT id FROM products WHERE id = ?', [id])).length > 0;
  /** Of a photo that this process renders, once it has stores and a queue to do it with. */
  const work = (job: PhotoJob) => render(job);
  const inProcess = createInProcessJobs<PhotoJob>({
    ...{ work, log, capacity, retryMs },
    // One photo per core, with one core left for shoppers.
    concurrency: Math.max(1, availableParallelism() - 1),
  });
  const { store, jobs, move } = options.queue
    ? withQueue(options.queue, { sql, rows, inProcess, now })
    : { store: rows, jobs: inProcess, move: async () => 0 };
  const chosenPhoto = async (productId: string) => {
    const wanted = 'SELECT main_photo AS chosen FROM products WHERE id = ?';
    const [product] = await sql.query<{ chosen: string | null }>(wanted, [productId]);
    return product?.chosen ?? null;
  };
  const choosePhoto = async (productId: string, id: string) => {
    await sql.execute('UPDATE products SET main_photo = ? WHERE id = ?', [id, productId]);
  };
  const followPhotos = createFollowPhotos({ store, setPicture, chosenPhoto });
  const settle = createSettle({ store, blobs, followPhotos, now });
  const render = createWorker({ store, blobs, settle, now });
  const { sweep, resume } = createSweeper({ store, inMemory: rows.inProcessing, jobs, settle, log, now });
  return {
    photos: createPhotos({
      ...{ store, productExists, chosenPhoto, choosePhoto, followPhotos },
      ...{ blobs, jobs, settle, now },
    }),
    files: mediaRoutes({ blobs, log }),
    dead: inProcess.dead,
    sweep,
    move,
    idle: inProcess.idle,
    background: () => {
      const resumed = resume().catch((error) =>
        log.error({ err: error }, 'could not resume photos: the sweeper will queue them'),
      );
      const stops = options.queue
        ? [
            startPeriodicTask(sweep, log, SWEEP_FOR_WORKERS_EVERY_MS),
            startPeriodicTask(move, log, MOVE_EVERY_MS),
          ]
        : [startPeriodicTask(sweep, log, SWEEP_EVERY_MS)];
      return async () => {
        await Promise.all([resumed, ...stops.map((stop) => stop())]);
        await inProcess.stop();
      };
    },
  };
}

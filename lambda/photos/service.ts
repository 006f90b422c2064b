import { availableParallelism } from 'node:os';
import type { Hono } from 'hono';
import type { Blobs } from '../shared/blobs';
import { createInProcessJobs, type DeadJob } from '../shared/jobs';
import type { Logger } from '../shared/log';
import { repeatedly } from '../shared/repeatedly';
import type { Sql } from '../shared/sql';
import type { Rendition } from '../thumbnails/render';
import { photoFiles } from './files';
import { createPhotos, type Photos } from './photos';
import { createProcessing, type PhotoJob } from './processing';
import { createSettling } from './settling';
import { createPhotoStore } from './store';
import { createSweeping } from './sweeping';

const SWEEP_EVERY_MS = 60_000;

export interface PhotoServiceDeps {
  /** The inventory schema, migrated. */
  readonly sql: Sql;
  readonly blobs: Blobs;
  /** Makes a path the product's picture, in its list row too, or says that it has none. The same one again is fine. */
  readonly setPicture: (productId: string, picture: string | null) => Promise<void>;
  readonly log: Logger;
  /** How many photos may be under way. Default 200. */
  readonly capacity?: number;
  /** The cap of the first retry's delay. Default 500. */
  readonly retryMs?: number;
  /** Default: sharp, loaded with the first photo. */
  readonly render?: (bytes: Uint8Array) => Promise<Rendition[]>;
  /** Epoch milliseconds. Default the system's clock. */
  readonly now?: () => number;
}

export interface PhotoService {
  /** For `photoRoutes`. */
  readonly photos: Photos;
  /** `/media/*` and the disk store's `/blobs/*`, to serve beside the API. */
  readonly files: Hono;
  /** Photos whose processing was given up for now; the sweeper sends them again. */
  readonly dead: readonly DeadJob<PhotoJob>[];
  /** Does what is left to do, and returns for how many photos. Several processes may at once. */
  sweep(): Promise<number>;
  /** Goes on where the process before stopped, and sweeps every minute; returns how to stop. */
  background(): () => Promise<void>;
}

export function createPhotoService(deps: PhotoServiceDeps): PhotoService {
  const { sql, blobs, setPicture, log, capacity, retryMs, render = withSharp, now = Date.now } = deps;
  const store = createPhotoStore(sql);
  const settle = createSettling({ store, blobs, setPicture, now });
  const jobs = createInProcessJobs({
    work: createProcessing({ store, blobs, render, settle, now }),
    log,
    // One picture a core, and a core left for who shops.
    concurrency: Math.max(1, availableParallelism() - 1),
    capacity,
    retryMs,
  });
  const { sweep, resume } = createSweeping({ store, jobs, settle, log, now });
  return {
    photos: createPhotos({ store, blobs, jobs, settle, now }),
    files: photoFiles({ blobs, log }),
    dead: jobs.dead,
    sweep,
    background: () => {
      const resumed = resume().catch((error) =>
        log.error({ err: error }, 'photos are not resumed; the sweeper does it'),
      );
      const stopSweeping = repeatedly(sweep, log, SWEEP_EVERY_MS);
      return async () => {
        await Promise.all([resumed, stopSweeping()]);
        await jobs.stop();
      };
    },
  };
}

/** Loading it costs start-up time and memory that a process without photos need not spend. */
async function withSharp(bytes: Uint8Array): Promise<Rendition[]> {
  return (await import('../thumbnails/render')).render(bytes);
}

import { type Jobs, QueueFullError } from '../../shared/jobs/jobs';
import type { Logger } from '../../shared/runtime/log';
import type { Photo } from './photo';
import { type PhotoJob, PROCESSING_TIMEOUT_MS } from './photo-job';
import type { PhotoKey, PhotoStore } from './photo-store';
import type { Settle } from './settle';

export interface SweepingOptions {
  readonly store: PhotoStore;
  /** The photos that the previous process of this host may have had in memory. */
  readonly inMemory: () => Promise<readonly PhotoKey[]>;
  readonly jobs: Jobs<PhotoJob>;
  readonly settle: Settle;
  readonly log: Logger;
  readonly now: () => number;
}

/** Finishes overdue work, as recorded in the rows. Safe to run in several processes. */
export function createSweeper({ store, inMemory, jobs, settle, log, now }: SweepingOptions) {
  const attend = async (photo: Photo): Promise<void> => {
    if (photo.status === 'processing') return jobs.send(keyOf(photo));
    // It was never completed, so it is deleted, unless it is being completed right now.
    if (photo.status === 'waiting') await store.expire(photo, now() + PROCESSING_TIMEOUT_MS);
    const current = await store.find(photo);
    if (current && current.status !== 'processing') await settle(current);
  };

  return {
    /** Attends to every overdue photo once and returns their number. */
    sweep: async (): Promise<number> => {
      let total = 0;
      for (;;) {
        const due = await store.claimDue(now(), now() + PROCESSING_TIMEOUT_MS);
        if (due.length === 0) return total;
        total += due.length;
        for (const photo of due) {
          await attend(photo).catch((error) =>
            log.warn({ err: error, photoId: photo.id }, 'could not settle a photo: will try again later'),
          );
        }
      }
    },
    /** Queues the photos that the previous process had in memory. The sweeper queues those that find no room. */
    resume: async (): Promise<void> => {
      for (const photo of await inMemory()) {
        try {
          await jobs.send(keyOf(photo));
        } catch (error) {
          if (error instanceof QueueFullError) return;
          throw error;
        }
      }
    },
  };
}

const keyOf = ({ id, productId }: PhotoKey): PhotoKey => ({ id, productId });

import { type Jobs, QueueFullError } from '../shared/jobs';
import type { Logger } from '../shared/log';
import type { Photo } from './photo';
import { type PhotoJob, WORK_MS } from './processing';
import type { Settle } from './settling';
import type { PhotoStore } from './store';

export interface SweepingDeps {
  readonly store: PhotoStore;
  readonly jobs: Jobs<PhotoJob>;
  readonly settle: Settle;
  readonly log: Logger;
  readonly now: () => number;
}

/** Does what is left to do, as the rows say. Several processes may at once. */
export function createSweeping({ store, jobs, settle, log, now }: SweepingDeps) {
  const attend = async (photo: Photo): Promise<void> => {
    if (photo.status === 'processing') return jobs.send({ photoId: photo.id });
    // Never completed: gone, unless it is completed this very moment.
    if (photo.status === 'waiting') await store.expire(photo.id, now() + WORK_MS);
    const current = await store.find(photo.id);
    if (current && current.status !== 'processing') await settle(current);
  };

  return {
    /** Looks once at every photo that is due, and returns how many those were. */
    sweep: async (): Promise<number> => {
      let total = 0;
      for (;;) {
        const due = await store.claimDue(now(), now() + WORK_MS);
        if (due.length === 0) return total;
        total += due.length;
        for (const photo of due) {
          await attend(photo).catch((error) =>
            log.warn({ err: error, photoId: photo.id }, 'a photo is not settled; it is tried again later'),
          );
        }
      }
    },
    /** At a start: sends what the process before had in its memory. What finds no room is due for the sweeper later. */
    resume: async (): Promise<void> => {
      for (const photoId of await store.idsInProcessing()) {
        try {
          await jobs.send({ photoId });
        } catch (error) {
          if (error instanceof QueueFullError) return;
          throw error;
        }
      }
    },
  };
}

import type { Photo, Size } from './photo';

export type PhotoKey = Pick<Photo, 'id' | 'productId'>;

export type NewPhoto = Pick<Photo, 'id' | 'productId' | 'bytes' | 'type' | 'sha256' | 'expiresAt'>;

/**
 * The state of every photo. Implementations: `repository.ts` in SQL, `table-repository.ts` in DynamoDB, and `two-stores.ts`
 * over both, under one contract test. Every change is conditional on the status before it, so one of two concurrent changes
 * loses; false if the photo was in another status. Times are epoch milliseconds; `dueAt`: the time for the sweeper to attend
 * to the photo, null if nothing is left to do.
 */
export interface PhotoStore {
  insert(photo: NewPhoto, at: number, dueAt: number): Promise<unknown>;
  find(key: PhotoKey): Promise<Photo | undefined>;
  /** Oldest first, without photos that are being deleted. */
  ofProduct(productId: string): Promise<Photo[]>;

  startProcessing(key: PhotoKey, dueAt: number): Promise<boolean>;
  /** Records the start of an attempt. False after too many unfinished ones, or if the status is not `processing`. */
  beginAttempt(key: PhotoKey, dueAt: number): Promise<boolean>;
  endAttempt(key: PhotoKey): Promise<boolean>;
  setSizes(key: PhotoKey, sizes: readonly Size[]): Promise<boolean>;
  makeReady(key: PhotoKey, dueAt: number): Promise<boolean>;
  refuse(key: PhotoKey, reason: string, dueAt: number): Promise<boolean>;
  /** Of an upload that was never completed. */
  expire(key: PhotoKey, dueAt: number): Promise<boolean>;
  startDeleting(key: PhotoKey, dueAt: number): Promise<boolean>;

  pictureFollowed(photo: Photo): Promise<boolean>;
  settled(photo: Photo, dueAt: number | null): Promise<boolean>;
  drop(key: PhotoKey): Promise<boolean>;

  /** Claims overdue photos, each for one process, until `nextAt`: 100 at most. */
  claimDue(now: number, nextAt: number): Promise<Photo[]>;
}

/** After so many attempts that never ended, the file is assumed to crash its readers. */
export const MAX_UNFINISHED = 5;

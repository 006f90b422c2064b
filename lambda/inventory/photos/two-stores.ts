import { setTimeout as sleep } from 'node:timers/promises';
import { RetryLaterError } from '../../shared/runtime/retry-later';
import type { Table } from '../../shared/tables/table';
import type { PhotoKey, PhotoStore } from './photo-store';
import { newPhotosGoTo } from './placement';
import type { SqlPhotoStore } from './repository';
import { LEAVING } from './table-repository';

/** A photo on its way back to SQL is there within milliseconds, unless the process that moves it died. */
const LOOKS = 20;
const PAUSE_MS = 50;

/** The photo is between its two stores for longer than usual. */
export class PhotoBetweenStoresError extends RetryLaterError {
  override name = 'PhotoBetweenStoresError';
}

export interface TwoPhotoStores extends PhotoStore {
  isInSql(key: PhotoKey): Promise<boolean>;
}

/**
 * Photos in SQL and in a table, while they move from one to the other: a photo is where SQL has it, else in the table. New
 * ones go where the stored placement says (decision 0182).
 */
export function createTwoPhotoStores(sql: SqlPhotoStore, items: PhotoStore, table: Table): TwoPhotoStores {
  const isInSql = async (key: PhotoKey) => (await sql.find(key)) !== undefined;
  const isLeaving = async ({ id, productId }: PhotoKey) =>
    (await table.get({ productId, id }, { consistent: true }))?.[LEAVING] !== undefined;

  /** False only if the photo, wherever it is, did not let itself be changed. */
  const where = async (key: PhotoKey, change: (store: PhotoStore) => Promise<boolean>): Promise<boolean> => {
    for (let look = 1; look <= LOOKS; look++) {
      if (await isInSql(key)) {
        if (await change(sql)) return true;
        if (await isInSql(key)) return false;
      } else {
        if (await change(items)) return true;
        if (await isLeaving(key)) await sleep(PAUSE_MS);
        else if (!(await isInSql(key))) return false;
      }
    }
    throw new PhotoBetweenStoresError('The photo is being moved: try again in a moment', 5);
  };

  return {
    isInSql,
    insert: async (...photo) =>
      (await newPhotosGoTo(table)) === 'table' ? items.insert(...photo) : sql.insert(...photo),
    find: async (key) => (await sql.find(key)) ?? (await items.find(key)) ?? (await sql.find(key)),
    ofProduct: async (productId) => {
      const before = await sql.ofProduct(productId);
      const inTable = await items.ofProduct(productId);
      // Once more, for those that came back meanwhile. The last one read of each is the right one.
      const all = [...before, ...inTable, ...(await sql.ofProduct(productId))];
      const photos = [...new Map(all.map((photo) => [photo.id, photo])).values()];
      return photos.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    startProcessing: (key, dueAt) => where(key, (store) => store.startProcessing(key, dueAt)),
    beginAttempt: (key, dueAt) => where(key, (store) => store.beginAttempt(key, dueAt)),
    endAttempt: (key) => where(key, (store) => store.endAttempt(key)),
    setSizes: (key, sizes) => where(key, (store) => store.setSizes(key, sizes)),
    makeReady: (key, dueAt) => where(key, (store) => store.makeReady(key, dueAt)),
    refuse: (key, reason, dueAt) => where(key, (store) => store.refuse(key, reason, dueAt)),
    expire: (key, dueAt) => where(key, (store) => store.expire(key, dueAt)),
    startDeleting: (key, dueAt) => where(key, (store) => store.startDeleting(key, dueAt)),
    pictureFollowed: (photo) => where(photo, (store) => store.pictureFollowed(photo)),
    settled: (photo, dueAt) => where(photo, (store) => store.settled(photo, dueAt)),
    drop: (key) =>
      where(key, async (store) => {
        // A pass of the move may have died after its copy, and that would come to life without its row.
        if (store === sql) await table.delete({ productId: key.productId, id: key.id });
        return store.drop(key);
      }),
    claimDue: async (now, nextAt) => [
      ...(await sql.claimDue(now, nextAt)),
      ...(await items.claimDue(now, nextAt)),
    ],
  };
}

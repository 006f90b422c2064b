import { setTimeout as sleep } from 'node:timers/promises';
import { RetryLaterError } from '../../shared/runtime/retry-later';
import type { Table } from '../../shared/tables/table';
import type { Photo, Status } from './photo';
import { MAX_UNFINISHED, type PhotoKey, type PhotoStore } from './photo-store';
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
  const find = async (key: PhotoKey) =>
    (await sql.find(key)) ?? (await items.find(key)) ?? (await sql.find(key));

  /** False only if the photo, wherever it is, may not be changed so. */
  const where = async (
    key: PhotoKey,
    mayChange: (photo: Photo) => boolean,
    change: (store: PhotoStore) => Promise<boolean>,
  ): Promise<boolean> => {
    for (let look = 1; look <= LOOKS; look++) {
      if (await change((await isInSql(key)) ? sql : items)) return true;
      // It may have gone after the look, and come back. So its state decides, and not its place.
      const photo = await find(key);
      if (!photo || !mayChange(photo)) return false;
      if (await isLeaving(key)) await sleep(PAUSE_MS);
    }
    throw new PhotoBetweenStoresError('The photo is being moved: try again in a moment', 5);
  };

  return {
    isInSql,
    insert: async (...photo) =>
      (await newPhotosGoTo(table)) === 'table' ? items.insert(...photo) : sql.insert(...photo),
    find,
    ofProduct: async (productId) => {
      const before = await sql.everyOf(productId);
      const inTable = await items.ofProduct(productId);
      // Once more, for those that came back meanwhile.
      const after = await sql.everyOf(productId);
      const inSql = new Set([...before, ...after].map(({ id }) => id));
      const still = new Set(after.map(({ id }) => id));
      // Of a photo that SQL has, the table may have a copy from before its last change, or from before its removal.
      const left = await Promise.all(before.filter(({ id }) => !still.has(id)).map(find));
      return [...after, ...inTable.filter(({ id }) => !inSql.has(id)), ...left]
        .flatMap((photo) => (photo && photo.status !== 'deleting' ? [photo] : []))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    startProcessing: (key, dueAt) => where(key, is('waiting'), (store) => store.startProcessing(key, dueAt)),
    beginAttempt: (key, dueAt) =>
      where(
        key,
        ({ status, unfinished }) => status === 'processing' && unfinished < MAX_UNFINISHED,
        (store) => store.beginAttempt(key, dueAt),
      ),
    endAttempt: (key) => where(key, is('processing'), (store) => store.endAttempt(key)),
    setSizes: (key, sizes) => where(key, is('processing'), (store) => store.setSizes(key, sizes)),
    makeReady: (key, dueAt) => where(key, is('processing'), (store) => store.makeReady(key, dueAt)),
    refuse: (key, reason, dueAt) => where(key, is('processing'), (store) => store.refuse(key, reason, dueAt)),
    expire: (key, dueAt) => where(key, is('waiting'), (store) => store.expire(key, dueAt)),
    startDeleting: (key, dueAt) =>
      where(
        key,
        ({ status }) => status !== 'deleting',
        (store) => store.startDeleting(key, dueAt),
      ),
    pictureFollowed: (photo) => where(photo, is(photo.status), (store) => store.pictureFollowed(photo)),
    settled: (photo, dueAt) => where(photo, is(photo.status), (store) => store.settled(photo, dueAt)),
    drop: (key) =>
      where(key, is('deleting'), async (store) => {
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

const is =
  (status: Status) =>
  (photo: Photo): boolean =>
    photo.status === status;

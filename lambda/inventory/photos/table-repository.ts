import type { Condition, Item, Table, TableDefinition, Value } from '../../shared/tables/table';
import { type Photo, type Status, sizesFrom, sizesText } from './photo';
import { MAX_UNFINISHED, type PhotoKey, type PhotoStore } from './photo-store';

/** Items by product, in the order of their ids, and those with work left by the time at which it is due (decision 0180). */
export const photoTable: TableDefinition = {
  partition: { name: 'productId', type: 'text' },
  sort: { name: 'id', type: 'text' },
  indexes: { due: { partition: { name: 'dueIn', type: 'text' }, sort: { name: 'dueAt', type: 'number' } } },
};

/** The one partition of the index `due`: it bears 1,000 changes a second, which is more than all workers make. */
const DUE_IN = 'photos';

/** An item that is on its way back to SQL has this attribute, and nothing else changes it (decision 0182). */
export const LEAVING = 'leaving';

/** An item that was copied from SQL has the name of its copy until it is changed, so that no slow copy writes over that. */
export const COPY = 'copy';

/** Photos as items of a table. The last answer of a change may be lost: see `Table`. */
export function createTablePhotos(table: Table): PhotoStore {
  const find = async (key: PhotoKey) => photoFrom(await table.get(keyOf(key), { consistent: true }));
  const change = (key: PhotoKey, condition: Condition, set: Record<string, Value | null>) =>
    table.update(keyOf(key), { set: { ...set, [COPY]: null } }, { ...condition, [LEAVING]: null });
  const from = (key: PhotoKey, status: Status, set: Record<string, Value | null>) =>
    change(key, { status }, set);

  return {
    insert: ({ id, productId, bytes, type, sha256, expiresAt }, at, dueAt) =>
      table.put(
        {
          ...{ id, productId, bytes, type, sha256, expiresAt },
          ...{ status: 'waiting', sizes: '', pictureDue: 0, unfinished: 0, createdAt: at },
          ...{ dueIn: DUE_IN, dueAt },
        },
        'free',
      ),
    find,
    ofProduct: async (productId) => {
      const items = await table.query({ partition: productId, limit: 100, consistent: true });
      return items.flatMap((item) => photoFrom(item) ?? []).filter(({ status }) => status !== 'deleting');
    },

    startProcessing: (key, dueAt) => from(key, 'waiting', { status: 'processing', ...due(dueAt) }),
    beginAttempt: (key, dueAt) =>
      table.update(
        keyOf(key),
        { set: { ...due(dueAt), [COPY]: null }, add: { unfinished: 1 } },
        { status: 'processing', unfinished: { below: MAX_UNFINISHED }, [LEAVING]: null },
      ),
    endAttempt: (key) =>
      table.update(
        keyOf(key),
        { set: { [COPY]: null }, add: { unfinished: -1 } },
        { status: 'processing', [LEAVING]: null },
      ),
    setSizes: (key, sizes) => from(key, 'processing', { sizes: sizesText(sizes) }),
    makeReady: (key, dueAt) => from(key, 'processing', { status: 'ready', pictureDue: 1, ...due(dueAt) }),
    refuse: (key, reason, dueAt) => from(key, 'processing', { status: 'refused', reason, ...due(dueAt) }),
    expire: (key, dueAt) => from(key, 'waiting', { status: 'deleting', ...due(dueAt) }),
    startDeleting: async (key, dueAt) => {
      const deleting = { status: 'deleting', ...due(dueAt) };
      for (const status of ['waiting', 'processing', 'ready', 'refused'] as const) {
        const set = status === 'ready' ? { ...deleting, pictureDue: 1 } : deleting;
        // In the order of a photo's life: it cannot get past all four.
        if (await from(key, status, set)) return true;
      }
      return false;
    },

    pictureFollowed: (photo) => from(photo, photo.status, { pictureDue: 0 }),
    settled: (photo, dueAt) => from(photo, photo.status, due(dueAt)),
    drop: (key) => table.delete(keyOf(key), { status: 'deleting', [LEAVING]: null }),

    claimDue: async (now, nextAt) => {
      const items = await table.query({ index: 'due', partition: DUE_IN, atMost: now, limit: 100 });
      const claimed: Photo[] = [];
      for (const item of items) {
        const photo = photoFrom(item);
        if (!photo) continue;
        // The index may be behind its table: then the item is no longer as it says, and nobody gets it.
        const unchanged = { status: photo.status, dueAt: Number(item.dueAt) };
        if (await change(photo, unchanged, due(nextAt))) claimed.push(photo);
      }
      return claimed;
    },
  };
}

const keyOf = ({ productId, id }: PhotoKey): Item => ({ productId, id });

/** Both attributes or neither, so that the index has just the photos with work left. */
const due = (dueAt: number | null) => ({ dueIn: dueAt === null ? null : DUE_IN, dueAt });

/** Undefined for items of another kind. */
export function photoFrom(item: Item | undefined): Photo | undefined {
  if (item?.status === undefined) return undefined;
  const { id, productId, status, reason, bytes, type, sha256, sizes, unfinished, pictureDue, expiresAt } =
    item;
  return {
    id: String(id),
    productId: String(productId),
    status: status as Status,
    reason: reason === undefined ? null : String(reason),
    bytes: Number(bytes),
    type: String(type),
    sha256: String(sha256),
    sizes: sizesFrom(String(sizes)),
    unfinished: Number(unfinished),
    pictureDue: pictureDue === 1,
    expiresAt: Number(expiresAt),
  };
}

import type { Table } from '../../shared/tables/table';

/** The wanted place of photos: rows of SQL, or items of the table. */
export type PhotoPlace = 'sql' | 'table';

/** The report of hosts on the move of the photos that are not there yet. */
export interface MoveProgress {
  /** Since the placement was chosen. */
  readonly moved: number;
  /** Photos that are still in the other store; at least so many if it is 100. */
  readonly left: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Items of the photo table that are no photos. A product's id is a UUID. */
const PLACEMENT = { productId: 'placement', id: 'of-photos' };
const PROGRESS = { productId: 'placement', id: 'progress' };

/** Read for each new photo, so that no process goes by an old one. Default: `sql`. */
export async function newPhotosGoTo(table: Table): Promise<PhotoPlace> {
  const item = await table.get(PLACEMENT, { consistent: true });
  return item?.place === 'table' ? 'table' : 'sql';
}

/** Chooses the place of all photos, present and new. Hosts then move those that are elsewhere. */
export async function placePhotos(table: Table, place: PhotoPlace): Promise<void> {
  await table.put({ ...PLACEMENT, place });
  await table.delete(PROGRESS);
}

/** Undefined until a host has looked since the placement was chosen. */
export async function moveProgress(table: Table): Promise<MoveProgress | undefined> {
  const item = await table.get(PROGRESS, { consistent: true });
  return item && { moved: Number(item.moved), left: Number(item.left), at: Number(item.at) };
}

export async function reportProgress(table: Table, { moved, left, at }: MoveProgress): Promise<void> {
  const key = PROGRESS;
  if (!(await table.update(key, { set: { left, at }, add: { moved } })))
    await table.put({ ...key, moved, left, at }, 'free');
}

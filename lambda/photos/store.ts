import { limit, type Sql, type SqlValue } from '../shared/sql';
import { type Photo, type Size, type Status, sizesFrom, sizesText } from './photo';

/** After so many attempts that never ended the file is taken for one that kills who reads it. */
const MOST_UNFINISHED = 5;

export type PhotoStore = ReturnType<typeof createPhotoStore>;

/** The photos' rows. Every change names the status it starts from, so of two at once one finds that it came late. */
export function createPhotoStore({ query, execute }: Sql) {
  const select = async (condition: string, values: readonly SqlValue[]) => {
    const rows = await query<Row>(`SELECT ${COLUMNS} FROM photos WHERE ${condition}`, values);
    return rows.map(photoFrom);
  };
  /** Whether the photo was in the status. */
  const change = async (id: string, from: Status, set: string, values: readonly SqlValue[]) =>
    (await execute(`UPDATE photos SET ${set} WHERE id = ? AND status = ?`, [...values, id, from])) === 1;

  return {
    insert: ({ id, productId, bytes, type, sha256, expiresAt }: NewPhoto, at: number, dueAt: number) =>
      execute(
        `INSERT INTO photos (id, product_id, status, bytes, type, sha256, sizes, picture_due, unfinished,
           created_at, expires_at, due_at) VALUES (?, ?, 'waiting', ?, ?, ?, '', 0, 0, ?, ?, ?)`,
        [id, productId, bytes, type, sha256, at, expiresAt, dueAt],
      ),
    find: async (id: string): Promise<Photo | undefined> => (await select('id = ?', [id]))[0],
    productExists: async (id: string) =>
      (await query('SELECT id FROM products WHERE id = ?', [id])).length > 0,
    /** Oldest first, without those that are being deleted. */
    ofProduct: (productId: string) =>
      select(`product_id = ? AND status <> 'deleting' ORDER BY id ${limit(100)}`, [productId]),
    newestReady: async (productId: string) =>
      (await select(`product_id = ? AND status = 'ready' ORDER BY id DESC ${limit(1)}`, [productId]))[0],

    startProcessing: (id: string, dueAt: number) =>
      change(id, 'waiting', `status = 'processing', due_at = ?`, [dueAt]),
    /** Notes that an attempt begins: false when too many began and never ended, or it is not to be processed. */
    beginAttempt: async (id: string, dueAt: number) =>
      (await execute(
        `UPDATE photos SET unfinished = unfinished + 1, due_at = ?
         WHERE id = ? AND status = 'processing' AND unfinished < ${MOST_UNFINISHED}`,
        [dueAt, id],
      )) === 1,
    endAttempt: (id: string) => change(id, 'processing', 'unfinished = unfinished - 1', []),
    setSizes: (id: string, sizes: readonly Size[]) =>
      change(id, 'processing', 'sizes = ?', [sizesText(sizes)]),
    makeReady: (id: string, dueAt: number) =>
      change(id, 'processing', `status = 'ready', picture_due = 1, due_at = ?`, [dueAt]),
    refuse: (id: string, reason: string, dueAt: number) =>
      change(id, 'processing', `status = 'refused', reason = ?, due_at = ?`, [reason, dueAt]),
    expire: (id: string, dueAt: number) => change(id, 'waiting', `status = 'deleting', due_at = ?`, [dueAt]),
    startDeleting: (id: string, dueAt: number) =>
      execute(
        // MySQL assigns from left to right, and the first needs the status as it was.
        `UPDATE photos SET picture_due = CASE WHEN status = 'ready' THEN 1 ELSE picture_due END,
           status = 'deleting', due_at = ? WHERE id = ? AND status <> 'deleting'`,
        [dueAt, id],
      ),

    pictureFollowed: ({ id, status }: Photo) => change(id, status, 'picture_due = 0', []),
    settled: ({ id, status }: Photo, dueAt: number | null) => change(id, status, 'due_at = ?', [dueAt]),
    drop: (id: string) => execute(`DELETE FROM photos WHERE id = ? AND status = 'deleting'`, [id]),

    /** Photos the sweeper must look at, each for one process alone, which has until `nextAt` for it. */
    claimDue: async (now: number, nextAt: number): Promise<Photo[]> => {
      const due = await query<Row>(
        `SELECT ${COLUMNS} FROM photos WHERE due_at <= ? ORDER BY due_at ${limit(100)}`,
        [now],
      );
      const claimed: Photo[] = [];
      for (const row of due) {
        const claim = 'UPDATE photos SET due_at = ? WHERE id = ? AND status = ? AND due_at = ?';
        const won = await execute(claim, [nextAt, row.id, row.status, row.due_at]);
        if (won === 1) claimed.push(photoFrom(row));
      }
      return claimed;
    },
    idsInProcessing: async (): Promise<string[]> => {
      const rows = await query<{ id: string }>(
        `SELECT id FROM photos WHERE due_at IS NOT NULL AND status = 'processing' ORDER BY due_at ${limit(1000)}`,
      );
      return rows.map(({ id }) => id);
    },
  };
}

export type NewPhoto = Pick<Photo, 'id' | 'productId' | 'bytes' | 'type' | 'sha256' | 'expiresAt'>;

const COLUMNS = 'id, product_id, status, reason, bytes, type, sha256, sizes, picture_due, expires_at, due_at';

interface Row {
  readonly id: string;
  readonly product_id: string;
  readonly status: Status;
  readonly reason: string | null;
  readonly bytes: number;
  readonly type: string;
  readonly sha256: string;
  readonly sizes: string;
  readonly picture_due: number;
  readonly expires_at: number;
  readonly due_at: number | null;
}

const photoFrom = ({ id, product_id, status, reason, bytes, type, sha256, ...row }: Row): Photo => ({
  ...{ id, productId: product_id, status, reason, bytes, type, sha256 },
  sizes: sizesFrom(row.sizes),
  pictureDue: row.picture_due === 1,
  expiresAt: row.expires_at,
});

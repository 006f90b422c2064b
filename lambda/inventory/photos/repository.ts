import { limit, type Sql, type SqlValue } from '../../shared/sql/sql';
import { type Photo, type Status, sizesFrom, sizesText } from './photo';
import { MAX_UNFINISHED, type PhotoKey, type PhotoStore } from './photo-store';

/** Photos as rows, with what those beside another store and in the process of the previous life are asked for. */
export interface SqlPhotoStore extends PhotoStore {
  /** Oldest first, with photos that are being deleted. */
  everyOf(productId: string): Promise<Photo[]>;
  inProcessing(): Promise<PhotoKey[]>;
}

/** Photos as rows. */
export function createPhotoRepository({ query, execute }: Pick<Sql, 'query' | 'execute'>): SqlPhotoStore {
  const select = async (condition: string, values: readonly SqlValue[]) => {
    const rows = await query<Row>(`SELECT ${COLUMNS} FROM photos WHERE ${condition}`, values);
    return rows.map(photoFrom);
  };
  const change = async ({ id }: PhotoKey, from: Status, set: string, values: readonly SqlValue[]) =>
    (await execute(`UPDATE photos SET ${set} WHERE id = ? AND status = ?`, [...values, id, from])) === 1;

  return {
    insert: ({ id, productId, bytes, type, sha256, expiresAt }, at, dueAt) =>
      execute(
        `INSERT INTO photos (id, product_id, status, bytes, type, sha256, sizes, picture_due, unfinished,
           created_at, expires_at, due_at) VALUES (?, ?, 'waiting', ?, ?, ?, '', 0, 0, ?, ?, ?)`,
        [id, productId, bytes, type, sha256, at, expiresAt, dueAt],
      ),
    find: async ({ id, productId }) => (await select('id = ? AND product_id = ?', [id, productId]))[0],
    ofProduct: (productId) =>
      select(`product_id = ? AND status <> 'deleting' ORDER BY id ${limit(100)}`, [productId]),
    everyOf: (productId) => select(`product_id = ? ORDER BY id ${limit(1000)}`, [productId]),

    startProcessing: (key, dueAt) => change(key, 'waiting', `status = 'processing', due_at = ?`, [dueAt]),
    beginAttempt: async ({ id }, dueAt) =>
      (await execute(
        `UPDATE photos SET unfinished = unfinished + 1, due_at = ?
         WHERE id = ? AND status = 'processing' AND unfinished < ${MAX_UNFINISHED}`,
        [dueAt, id],
      )) === 1,
    endAttempt: (key) => change(key, 'processing', 'unfinished = unfinished - 1', []),
    setSizes: (key, sizes) => change(key, 'processing', 'sizes = ?', [sizesText(sizes)]),
    makeReady: (key, dueAt) =>
      change(key, 'processing', `status = 'ready', picture_due = 1, due_at = ?`, [dueAt]),
    refuse: (key, reason, dueAt) =>
      change(key, 'processing', `status = 'refused', reason = ?, due_at = ?`, [reason, dueAt]),
    expire: (key, dueAt) => change(key, 'waiting', `status = 'deleting', due_at = ?`, [dueAt]),
    startDeleting: async ({ id }, dueAt) =>
      (await execute(
        // MySQL assigns from left to right, and the first assignment needs the previous status.
        `UPDATE photos SET picture_due = CASE WHEN status = 'ready' THEN 1 ELSE picture_due END,
           status = 'deleting', due_at = ? WHERE id = ? AND status <> 'deleting'`,
        [dueAt, id],
      )) === 1,

    pictureFollowed: (photo) => change(photo, photo.status, 'picture_due = 0', []),
    settled: (photo, dueAt) => change(photo, photo.status, 'due_at = ?', [dueAt]),
    drop: async ({ id }) =>
      (await execute(`DELETE FROM photos WHERE id = ? AND status = 'deleting'`, [id])) === 1,

    claimDue: async (now, nextAt) => {
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
    inProcessing: async () => {
      const rows = await query<Pick<Row, 'id' | 'product_id'>>(
        `SELECT id, product_id FROM photos WHERE due_at IS NOT NULL AND status = 'processing'
         ORDER BY due_at ${limit(1000)}`,
      );
      return rows.map(({ id, product_id }) => ({ id, productId: product_id }));
    },
  };
}

const COLUMNS =
  'id, product_id, status, reason, bytes, type, sha256, sizes, unfinished, picture_due, expires_at, due_at';

interface Row {
  readonly id: string;
  readonly product_id: string;
  readonly status: Status;
  readonly reason: string | null;
  readonly bytes: number;
  readonly type: string;
  readonly sha256: string;
  readonly sizes: string;
  readonly unfinished: number;
  readonly picture_due: number;
  readonly expires_at: number;
  readonly due_at: number | null;
}

const photoFrom = ({
  id,
  product_id,
  status,
  reason,
  bytes,
  type,
  sha256,
  unfinished,
  ...row
}: Row): Photo => ({
  ...{ id, productId: product_id, status, reason, bytes, type, sha256, unfinished },
  sizes: sizesFrom(row.sizes),
  pictureDue: row.picture_due === 1,
  expiresAt: row.expires_at,
});

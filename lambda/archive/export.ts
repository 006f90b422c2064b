import type { Blobs } from '../shared/blobs/blobs';
import { limit, type Statements } from '../shared/sql/sql';
import { type Batch, type FileTotals, filesOf, recordFile } from './journal';
import { KIND_NAMES, type Kind, type KindPlan, planOf, type Row } from './kinds';
import { parquetOf, totalsOf } from './parquet';

const PAGE_ROWS = 1000;

export interface ExportOptions {
  readonly sql: Statements;
  readonly blobs: Blobs;
  /** A file is about 60 bytes a row, and its rows are in memory while it is made. */
  readonly rowsPerFile: number;
  /** True when no further file should be begun. */
  readonly late: () => boolean;
}

/** Writes the files that are still missing. Returns all of them, or undefined if it stopped early. */
export async function exportFiles(
  { sql, blobs, rowsPerFile, late }: ExportOptions,
  batch: Batch,
): Promise<FileTotals[] | undefined> {
  const done = await filesOf(sql, batch);
  for (const kind of KIND_NAMES) {
    const ofKind = done.filter((file) => file.kind === kind);
    let after = ofKind.at(-1)?.lastKey;
    for (let nth = ofKind.length + 1; ; nth++) {
      if (late()) return undefined;
      const rows = await readRows(sql, planOf(kind), after, rowsPerFile);
      if (rows.length === 0) break;
      const name = nameOf(batch, kind, nth);
      const file = totalsOf(kind, rows, name);
      await blobs.put(name, parquetOf(kind, rows, name), 'application/vnd.apache.parquet');
      await recordFile(sql, batch, file);
      after = file.lastKey;
    }
  }
  return filesOf(sql, batch);
}

/** All files of a kind have one prefix, by which the warehouse loads them. */
export const prefixOf = (batchId: string, kind: Kind): string => `batches/${batchId}/${kind}/`;

const nameOf = ({ id }: Batch, kind: Kind, nth: number) =>
  `${prefixOf(id, kind)}${String(nth).padStart(6, '0')}.parquet`;

async function readRows(
  sql: Statements,
  plan: KindPlan,
  after: string | undefined,
  most: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  let last = after?.split('/');
  while (rows.length < most) {
    const size = Math.min(PAGE_ROWS, most - rows.length);
    const page = await readPage(sql, plan, last, size);
    for (const row of page) rows.push(row);
    if (page.length < size) break;
    last = plan.key.map((name) => String(page.at(-1)?.[name]));
  }
  return rows;
}

function readPage({ query }: Statements, plan: KindPlan, after: readonly string[] | undefined, size: number) {
  const { table, columns, key, total } = plan;
  const names = columns.map(({ name }) => name).join(', ');
  const [first, second] = key;
  const beyond = second ? `${first} >= ? AND (${first} > ? OR ${second} > ?)` : `${first} > ?`;
  const values = !after ? [] : second ? [after[0] ?? '', after[0] ?? '', after[1] ?? ''] : [after[0] ?? ''];
  return query<Row>(
    `SELECT ${names}, ${total} AS total FROM leaving_${table} ${after ? `WHERE ${beyond}` : ''}
     ORDER BY ${key.join(', ')} ${limit(size)}`,
    values,
  );
}

import { keptFrom } from '../inventory/month-tables';
import { auditStock, type Discrepancy } from '../inventory/stock/stock-audit';
import type { Blobs } from '../shared/blobs/blobs';
import { among } from '../shared/sql/bulk-sql';
import type { Sql } from '../shared/sql/sql';
import { type ArchiveState, advanceArchive } from './archive';
import { prefixOf } from './export';
import { exported, openBatch, type Progress } from './journal';
import { KIND_NAMES, type Kind } from './kinds';
import { loadBatches } from './load';
import { askHere, askThere, type QuestionName, type Sums } from './questions';
import { filesLike, type Warehouse, type WarehouseRow } from './warehouse';

interface HereStatus {
  /** Of what left until now. */
  readonly exported: Progress;
  /** Of the batch under way, and the files that it has; absent between batches. */
  readonly leaving?: { readonly state: string; readonly files: number };
  /** Epoch milliseconds: all from then on is here. Absent while everything is. */
  readonly keptFrom?: number;
}

/** The side of the database. */
export interface Here {
  status(): Promise<HereStatus>;
  advance(): Promise<ArchiveState>;
  ask(question: QuestionName, now: number): Promise<Sums>;
  /** The faults of the stock here, and the sums of the lines that are in the warehouse alone. */
  audit(): Promise<HereAudit>;
  /** The names of products by id. */
  names(ids: readonly string[]): Promise<Readonly<Record<string, string>>>;
}

/** Quantities by product id. */
type Balances = Readonly<Record<string, number>>;

interface HereAudit {
  readonly wrong: readonly Discrepancy[];
  readonly carried: Balances;
  /** A batch whose lines may be in the warehouse and are not carried forward yet. */
  readonly open?: string;
}

/** The side of the warehouse. */
export interface There {
  /** Rows by kind. */
  rows(): Promise<Readonly<Record<Kind, number>>>;
  /** The sums of the ledger there, but for the lines of an open batch. */
  balances(open?: string): Promise<Balances>;
  /** The number of batches that it loaded. */
  load(): Promise<number>;
  ask(question: QuestionName, now: number): Promise<Sums>;
  query(statement: string): Promise<WarehouseRow[]>;
}

export interface HereOptions {
  readonly sql: Sql;
  readonly blobs: Blobs;
  readonly now: () => number;
  readonly keptMonths: number;
  readonly late?: () => boolean;
}

export const openHere = (options: HereOptions): Here => ({
  status: async () => {
    const { sql } = options;
    const batch = await openBatch(sql);
    const [files] = batch
      ? await sql.query<{ n: number }>('SELECT COUNT(*) AS n FROM archive_files WHERE batch_id = ?', [
          batch.id,
        ])
      : [];
    const kept = await keptFrom(sql);
    return {
      exported: await exported(sql),
      ...(batch && { leaving: { state: batch.state, files: files?.n ?? 0 } }),
      ...(kept !== undefined && { keptFrom: kept }),
    };
  },
  advance: () => advanceArchive(options),
  ask: (question, now) => askHere(options.sql, question, now),
  audit: () => auditHere(options.sql),
  names: async (ids) => {
    if (ids.length === 0) return {};
    const { sql, values } = among(ids);
    const rows = await options.sql.query<{ id: string; name: string }>(
      `SELECT id, name FROM products WHERE id ${sql}`,
      values,
    );
    return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
  },
});

async function auditHere(sql: Sql): Promise<HereAudit> {
  for (;;) {
    const before = await openBatch(sql);
    const rows = await sql.query<Sum>(
      'SELECT product_id AS id, SUM(quantity) AS total FROM archived_stock GROUP BY product_id',
    );
    const after = await openBatch(sql);
    // A step of the archive came between: the sums may belong to the state before it or to the one after it.
    if (before?.id !== after?.id || before?.state !== after?.state) continue;
    const open = after && after.state !== 'carried' ? { open: after.id } : {};
    return { wrong: await auditStock(sql), carried: balancesOf(rows), ...open };
  }
}

interface Sum {
  readonly id: string;
  readonly total: number;
}

const balancesOf = (rows: readonly Sum[]): Balances =>
  Object.fromEntries(rows.map(({ id, total }) => [id, Number(total)]));

export interface ThereOptions {
  readonly warehouse: Warehouse;
  readonly blobs: Blobs;
  readonly late?: () => boolean;
}

export const openThere = (options: ThereOptions): There => ({
  rows: async () => {
    await options.warehouse.prepare();
    const counts = await options.warehouse.query<{ kind: Kind; line_count: number }>(
      KIND_NAMES.map((kind) => `SELECT '${kind}' AS kind, COUNT(*) AS line_count FROM ${kind}`).join(
        ' UNION ALL ',
      ),
    );
    const found = new Map(counts.map(({ kind, line_count }) => [kind, Number(line_count)]));
    return {
      ledger: found.get('ledger') ?? 0,
      reservations: found.get('reservations') ?? 0,
      items: found.get('items') ?? 0,
    };
  },
  balances: async (open) => {
    await options.warehouse.prepare();
    const rows = await options.warehouse.query<Sum>(
      'SELECT product_id AS id, SUM(quantity) AS total FROM ledger WHERE file NOT LIKE :files GROUP BY product_id',
      { files: filesLike(prefixOf(open ?? 'none', 'ledger')) },
    );
    return balancesOf(rows);
  },
  load: () => loadBatches(options),
  ask: (question, now) => askThere(options.warehouse, question, now),
  query: (statement) => options.warehouse.query(statement),
});

import type { Blobs } from '../../shared/blobs/blobs';
import type { Sql } from '../../shared/sql/sql';
import type { Pair } from './sync-table';
import { tablesOfBoth } from './tables';

/** The data on one side: schemas by name (`users`, `inventory`), and files unless only schemas move. */
export interface Side {
  readonly schemas: Readonly<Record<string, Sql>>;
  readonly blobs?: Blobs;
}

/** All data of the shop on one side. */
export interface Endpoint extends Side {
  readonly blobs: Blobs;
}

export interface NamedPair {
  /** `inventory.stock` */
  readonly name: string;
  readonly pair: Pair;
  /** Approximate number of rows. */
  readonly rows: number;
}

/** Every table of every schema, on both sides. @throws SchemasDifferError, UnsupportedTableError */
export async function pairsOf(
  fromSchemas: Endpoint['schemas'],
  toSchemas: Endpoint['schemas'],
): Promise<NamedPair[]> {
  const pairs: NamedPair[] = [];
  for (const [schema, from] of Object.entries(fromSchemas)) {
    const to = toSchemas[schema];
    if (!to) throw new Error(`The schema ${schema} exists on one side only`);
    for (const table of await tablesOfBoth(from, to)) {
      const [counted] = await from.query<{ n: number }>(`SELECT COUNT(*) AS n FROM \`${table.name}\``);
      pairs.push({ name: `${schema}.${table.name}`, pair: { table, from, to }, rows: counted?.n ?? 0 });
    }
  }
  return pairs;
}

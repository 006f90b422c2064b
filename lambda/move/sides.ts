import type { Blobs } from '../shared/blobs';
import type { Sql } from '../shared/sql';
import type { Pair } from './carry';
import { tablesOfBoth } from './tables';

/** Everything the shop keeps, in one place: its schemas by name (`users`, `inventory`) and its files. */
export interface Side {
  readonly schemas: Readonly<Record<string, Sql>>;
  readonly blobs: Blobs;
}

export interface NamedPair {
  /** `inventory.stock` */
  readonly name: string;
  readonly pair: Pair;
  /** About how many rows there are now. */
  readonly rows: number;
}

/** Every table of every schema, on both sides. @throws SchemasDifferError, UnsupportedTableError */
export async function pairsOf(
  fromSchemas: Side['schemas'],
  toSchemas: Side['schemas'],
): Promise<NamedPair[]> {
  const pairs: NamedPair[] = [];
  for (const [schema, from] of Object.entries(fromSchemas)) {
    const to = toSchemas[schema];
    if (!to) throw new Error(`The schema ${schema} is on one side alone`);
    for (const table of await tablesOfBoth(from, to)) {
      const [counted] = await from.query<{ n: number }>(`SELECT COUNT(*) AS n FROM \`${table.name}\``);
      pairs.push({ name: `${schema}.${table.name}`, pair: { table, from, to }, rows: counted?.n ?? 0 });
    }
  }
  return pairs;
}

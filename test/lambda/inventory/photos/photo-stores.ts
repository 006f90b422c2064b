import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import type { PhotoStore } from '../../../../lambda/inventory/photos/photo-store';
import { placePhotos } from '../../../../lambda/inventory/photos/placement';
import { createPhotoRepository } from '../../../../lambda/inventory/photos/repository';
import { createTablePhotos, photoTable } from '../../../../lambda/inventory/photos/table-repository';
import { createTwoPhotoStores } from '../../../../lambda/inventory/photos/two-stores';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import type { Table } from '../../../../lambda/shared/tables/table';
import { type Engine, engines } from '../../../support/engines';
import { tableKinds } from '../../shared/tables/tables';

export interface PhotoStoreKind {
  readonly name: string;
  open(): Promise<PhotoStore>;
}

export async function openRows(engine: Engine): Promise<Sql> {
  const sql = await engine.open('inventory');
  await migrate(sql, inventoryMigrations);
  return sql;
}

/** Both stores, with new photos in `place`. */
export function both(sql: Sql, table: Table) {
  const rows = createPhotoRepository(sql);
  const items = createTablePhotos(table);
  return { rows, items, store: createTwoPhotoStores(rows, items, table) };
}

const [sqlite] = engines() as [Engine];

/** Every implementation: `describe.each(photoStoreKinds())`. */
export const photoStoreKinds = (): PhotoStoreKind[] => [
  ...engines().map((engine) => ({
    name: `rows on ${engine.name}`,
    open: async () => createPhotoRepository(await openRows(engine)),
  })),
  ...tableKinds.map((kind) => ({
    name: `items in ${kind.name}`,
    open: async () => createTablePhotos(await kind.open(photoTable)),
  })),
  ...(['sql', 'table'] as const).map((place) => ({
    name: `both, new ones in ${place}`,
    open: async () => {
      const table = await (tableKinds[0] as (typeof tableKinds)[number]).open(photoTable);
      await placePhotos(table, place);
      return both(await openRows(sqlite), table).store;
    },
  })),
];

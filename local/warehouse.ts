import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openHere, openThere } from '../lambda/archive/control';
import { openDuckDb } from '../lambda/archive/duckdb';
import { openBlobs } from '../lambda/shared/blobs/open';
import { SETTING } from '../lambda/shared/runtime/settings';
import { openSql } from '../lambda/shared/sql/open';
import { phases, type WarehousePlan } from '../lib/phases';
import { dataDirPaths } from './data-dir';
import { databaseFiles } from './databases';
import { CannotRunError } from './errors';
import { servedInventory } from './servers/warehouse-access';

export interface LocalOptions {
  /** The data folder of the shop. */
  readonly folder: string;
  /** Default: that of the phase that has a warehouse. */
  readonly keptMonths?: number | undefined;
}

/**
 * Both sides on this machine: the database of INVENTORY_DATABASE, or of the shop that runs on servers of the folder, or the
 * embedded one; and DuckDB beside it, one for each kind of shop. The shop may run meanwhile.
 * @throws CannotRunError if there is no shop
 */
export async function localSides(
  { folder, keptMonths = planned().keptMonths }: LocalOptions,
  env: NodeJS.ProcessEnv,
) {
  const { shop, warehouse, servers } = dataDirPaths(folder);
  const { inventory } = databaseFiles(shop);
  const served = servedInventory(folder);
  const url = env[SETTING.inventoryDatabase] ?? served;
  if (!url && !existsSync(inventory))
    throw new CannotRunError(
      `There is no shop in ${folder}: npm start makes one. One with --servers must run, from phase 3 on.`,
    );
  const place = url !== undefined && url === served ? join(servers, 'warehouse') : warehouse;
  mkdirSync(place, { recursive: true });
  const sql = await openSql(url ?? `file:${inventory}`, { use: 'maintenance' });
  const blobs = await openBlobs(`file:${join(place, 'files')}`);
  const duckDb = await openDuckDb(join(place, 'warehouse.duckdb'), blobs);
  return {
    here: openHere({ sql, blobs, now: Date.now, keptMonths }),
    there: openThere({ warehouse: duckDb, blobs }),
    close: async () => {
      await duckDb.close();
      await sql.close();
    },
  };
}

function planned(): WarehousePlan {
  const plan = phases.map(({ warehouse }) => warehouse).find((found) => found !== 'none');
  if (!plan) throw new Error('No phase has a warehouse');
  return plan as WarehousePlan;
}

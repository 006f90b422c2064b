import { photoTable } from '../../lambda/inventory/photos/table-repository';
import type { TableDefinition } from '../../lambda/shared/tables/table';
import { DIRECTORY_TABLE } from '../../lambda/users/sharding/shard-map';

/** The names of the tables on this machine. */
export const PHOTO_TABLE = 'photos';
export const DIRECTORY = 'directory';

/** Every table of the shop, by its name on this machine. */
export const TABLES: Readonly<Record<string, TableDefinition>> = {
  [PHOTO_TABLE]: photoTable,
  [DIRECTORY]: DIRECTORY_TABLE,
};

import { createHash } from 'node:crypto';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import type { Migration } from '../../lambda/shared/migrations';
import { usersMigrations } from '../../lambda/users/migrations';

export interface Schema {
  readonly name: 'users' | 'inventory';
  /** The database user of the service. */
  readonly account: string;
  readonly migrations: readonly Migration[];
}

/** What a service may do: rows of its own schema, and nothing to its tables (rule D7). */
export const grants = 'SELECT, INSERT, UPDATE, DELETE';

/** Two from the first day, with no query across: a later phase moves one instead of untangling both. */
export const schemas: readonly Schema[] = [
  { name: 'users', account: 'users_app', migrations: usersMigrations },
  { name: 'inventory', account: 'inventory_app', migrations: inventoryMigrations },
];

/** Changes with every statement of every migration, every account and every grant. */
export const schemasFingerprint = createHash('sha256')
  .update(JSON.stringify([grants, schemas]))
  .digest('hex');

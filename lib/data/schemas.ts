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

/** Which user of a schema: that of the service, or that of its servers that only read. */
export type Account = 'app' | 'reader';

/** What a service may do: rows of its own schema, and nothing to its tables (rule D7). */
export const grants = 'SELECT, INSERT, UPDATE, DELETE';

const readerGrants = 'SELECT';

/** Two from the first day, with no query across: a later phase moves one instead of untangling both. */
export const schemas: readonly Schema[] = [
  { name: 'users', account: 'users_app', migrations: usersMigrations },
  { name: 'inventory', account: 'inventory_app', migrations: inventoryMigrations },
];

export interface DatabaseUser {
  readonly name: string;
  readonly grants: string;
}

export const usersOf = ({ name, account }: Schema): Readonly<Record<Account, DatabaseUser>> => ({
  app: { name: account, grants },
  reader: { name: `${name}_reader`, grants: readerGrants },
});

/** Changes with every statement of every migration, every account and every grant. */
export function schemasFingerprint({ readers }: { readonly readers: boolean }): string {
  const said = [grants, schemas, ...(readers ? [schemas.map((schema) => usersOf(schema).reader)] : [])];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

import { createHash } from 'node:crypto';
import type { FencedAccount } from '../../lambda/data-migration/federation/fence';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import type { Migration } from '../../lambda/shared/sql/migrations';
import { usersMigrations } from '../../lambda/users/migrations';

export type SchemaName = 'users' | 'inventory';

export interface Schema {
  readonly name: SchemaName;
  /** The service's database user. */
  readonly account: string;
  readonly migrations: readonly Migration[];
}

/** A user of a schema: the service's own, or the one of its read-only servers. */
export type Account = 'app' | 'reader';

/** The grants of a service: the rows of its own schema, but not its tables (rule DATA-7). */
export const grants = 'SELECT, INSERT, UPDATE, DELETE';

const readerGrants = 'SELECT';

/** The schemas that a process may read, by the services in it. */
export const schemasOf = (service: 'all' | SchemaName): readonly SchemaName[] =>
  service === 'all' ? ['users', 'inventory'] : [service];

/** Two schemas without cross-schema queries, so that a later phase can move one without untangling them. */
export const schemas: Readonly<Record<SchemaName, Schema>> = {
  users: { name: 'users', account: 'users_app', migrations: usersMigrations },
  inventory: { name: 'inventory', account: 'inventory_app', migrations: inventoryMigrations },
};

export interface DatabaseUser {
  readonly name: string;
  readonly grants: string;
}

export const usersOf = ({ name, account }: Schema): Readonly<Record<Account, DatabaseUser>> => ({
  app: { name: account, grants },
  reader: { name: `${name}_reader`, grants: readerGrants },
});

/** Everybody but the administrator who may do something in the schema of the users, from `host`. */
export const fencedAccounts = (host: string): FencedAccount[] =>
  Object.values(usersOf(schemas.users)).map((user) => ({ ...user, host }));

export interface Provided {
  readonly readers: boolean;
  /** Default: all. */
  readonly names?: readonly SchemaName[];
}

/** Changes with every statement of every migration, every account and every grant. */
export function schemasFingerprint({ readers, names = schemasOf('all') }: Provided): string {
  const all = names.map((name) => schemas[name]);
  const said = [grants, all, ...(readers ? [all.map((schema) => usersOf(schema).reader)] : [])];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { createConnection } from 'mysql2/promise';
import { migrate } from '../../lambda/shared/migrations';
import { openSql } from '../../lambda/shared/sql';
import { type DatabaseUser, grants, type Schema, schemas, usersOf } from '../../lib/data/schemas';

/** The URLs of a server's schemas, as the account of the service that each belongs to. */
export type SchemaUrls = Readonly<Record<Schema['name'], string>>;

/**
 * Both schemas with their tables, and for each an account that may change rows and nothing else, with a password of this
 * run. Tables are changed by accounts of their own, as on the box.
 */
export async function provideSchemas(socket: string): Promise<SchemaUrls> {
  return each(async (schema) => {
    const owner = { name: `${schema.name}_owner`, grants: `${grants}, ${TABLES}` };
    const sql = await openSql(await account(socket, schema, owner));
    await migrate(sql, schema.migrations).finally(() => sql.close());
    return account(socket, schema, usersOf(schema).app);
  });
}

/** The same schemas, as accounts that may read rows and nothing else. */
export const provideReaders = (socket: string): Promise<SchemaUrls> =>
  each((schema) => account(socket, schema, usersOf(schema).reader));

async function each(url: (schema: Schema) => Promise<string>): Promise<SchemaUrls> {
  const urls = await Promise.all(schemas.map(async (schema) => [schema.name, await url(schema)]));
  return Object.fromEntries(urls);
}

/** What an account needs that changes tables. */
const TABLES = 'CREATE, ALTER, DROP, INDEX, REFERENCES';

async function account(socketPath: string, { name: schema }: Schema, user: DatabaseUser): Promise<string> {
  const { name, grants: rights } = user;
  const password = randomBytes(24).toString('hex');
  const administrator = await createConnection({ socketPath, user: userInfo().username });
  try {
    for (const statement of [
      `CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
      `CREATE OR REPLACE USER ${name}@localhost IDENTIFIED BY '${password}'`,
      `GRANT ${rights} ON ${schema}.* TO ${name}@localhost`,
    ]) {
      await administrator.query(statement);
    }
  } finally {
    await administrator.end();
  }
  return `mysql://${name}:${password}@localhost/${schema}?socketPath=${encodeURIComponent(socketPath)}`;
}

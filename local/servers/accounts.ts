import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { createConnection } from 'mysql2/promise';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';

import {
  type DatabaseUser,
  grants,
  type Schema,
  type SchemaName,
  schemas,
  usersOf,
} from '../../lib/data/schemas';

/** The URLs of a server's schemas, each with the account of its service. */
export type SchemaUrls = Readonly<Record<SchemaName, string>>;

/** Schemas that belong on another server: `closed` to their services here, or `gone` from here for good. */
export type Elsewhere = Partial<Record<SchemaName, 'closed' | 'gone'>>;

/**
 * Creates the schemas of a server with their tables, and for each an account with access to rows only and a password for
 * this run. Separate accounts change tables, as on the box.
 */
export async function provideSchemas(socket: string, elsewhere: Elsewhere = {}): Promise<SchemaUrls> {
  return each(async (schema) => {
    const place = elsewhere[schema.name];
    if (place !== 'gone') {
      const owner = { name: `${schema.name}_owner`, grants: `${grants}, ${TABLES}` };
      const sql = await openSql(await account(socket, schema, owner));
      await migrate(sql, schema.migrations).finally(() => sql.close());
    }
    return account(socket, schema, usersOf(schema).app, place === undefined);
  });
}

/** The same schemas, with read-only accounts. */
export const provideReaders = (socket: string, elsewhere: Elsewhere = {}): Promise<SchemaUrls> =>
  each((schema) => account(socket, schema, usersOf(schema).reader, elsewhere[schema.name] === undefined));

async function each(url: (schema: Schema) => Promise<string>): Promise<SchemaUrls> {
  const urls = await Promise.all(
    Object.values(schemas).map(async (schema) => [schema.name, await url(schema)]),
  );
  return Object.fromEntries(urls);
}

/** The privileges of an account that changes tables. */
const TABLES = 'CREATE, ALTER, DROP, INDEX, REFERENCES';

async function account(
  socketPath: string,
  { name: schema }: Schema,
  user: DatabaseUser,
  letIn = true,
): Promise<string> {
  const { name, grants: rights } = user;
  const password = randomBytes(24).toString('hex');
  const administrator = await createConnection({ socketPath, user: userInfo().username });
  try {
    for (const statement of [
      `CREATE OR REPLACE USER ${name}@localhost IDENTIFIED BY '${password}'`,
      ...(letIn
        ? [
            `CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
            `GRANT ${rights} ON ${schema}.* TO ${name}@localhost`,
          ]
        : []),
    ]) {
      await administrator.query(statement);
    }
  } finally {
    await administrator.end();
  }
  return `mysql://${name}:${password}@localhost/${schema}?socketPath=${encodeURIComponent(socketPath)}`;
}

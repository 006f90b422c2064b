import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';

/** Makes a database user of MariaDB that may read some schemas and nothing else; returns a schema's URL with it. */
export async function readerOf(socketPath: string, schemas: readonly string[]) {
  const name = `reader_${randomBytes(4).toString('hex')}`;
  const admin = await createConnection({ socketPath, user: 'root' });
  await admin.query(`CREATE USER ${name}@localhost IDENTIFIED BY 'reader'`);
  for (const schema of schemas) await admin.query(`GRANT SELECT ON ${schema}.* TO ${name}@localhost`);
  await admin.end();
  return (schema: string): string =>
    `mysql://${name}:reader@localhost/${schema}?socketPath=${encodeURIComponent(socketPath)}`;
}

/** The schema that a database URL names. */
export const schemaOf = (url: string): string => new URL(url).pathname.slice(1);

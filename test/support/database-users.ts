import { randomBytes } from 'node:crypto';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import { cleanup } from './cleanup';
import { answering } from './database-server';

/** A connection that is closed when the tests of the file have ended. */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const connection = await createConnection(options);
  // Otherwise the driver would throw an error that no caller handles.
  connection.on('error', () => undefined);
  cleanup(() => connection.destroy());
  return connection;
}

/** The same as root, as soon as the server answers. */
export async function openAdmin(socketPath: string): Promise<Connection> {
  await answering(socketPath);
  return openConnection({ socketPath, user: 'root' });
}

/** Makes a database user of MariaDB that may read some schemas and nothing else; returns a schema's URL with it. */
export async function createReader(socketPath: string, schemas: readonly string[]) {
  const name = `reader_${randomBytes(4).toString('hex')}`;
  const admin = await openAdmin(socketPath);
  await admin.query(`CREATE USER ${name}@localhost IDENTIFIED BY 'reader'`);
  for (const schema of schemas) await admin.query(`GRANT SELECT ON ${schema}.* TO ${name}@localhost`);
  await admin.end();
  return (schema: string): string =>
    `mysql://${name}:reader@localhost/${schema}?socketPath=${encodeURIComponent(socketPath)}`;
}

/** The schema that a database URL names. */
export const schemaOf = (url: string): string => new URL(url).pathname.slice(1);

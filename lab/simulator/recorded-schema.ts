import { randomBytes } from 'node:crypto';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';

/** URLs of an administrator's schema at each, as in `createSchema`. Replicas follow the primary. */
export interface RecordedServers {
  readonly primary: string;
  readonly replicas?: readonly string[];
}

/** An empty schema of a real server, for one history. */
export interface RecordedSchema {
  /** A pool of connections, as a process has one: to a replica, if the URL of its administrator's schema is given. */
  open(replica?: string): Promise<Sql>;
  /** The server ends every connection to it. */
  endConnections(): Promise<void>;
  drop(): Promise<void>;
}

/** @param server the URL of an administrator's schema, such as `mysql://root@localhost/mysql?socketPath=/run/…` */
export async function createSchema(server: string): Promise<RecordedSchema> {
  const admin = await openSql(server);
  const name = `recorded_${randomBytes(6).toString('hex')}`;
  await admin.execute(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  const urlAt = (place: string) => Object.assign(new URL(place), { pathname: name }).href;
  return {
    open: (replica) =>
      replica === undefined ? openSql(urlAt(server)) : openSql(urlAt(replica), { use: 'replica' }),
    endConnections: async () => {
      const found = await admin.query<{ id: number }>(
        'SELECT id AS id FROM information_schema.processlist WHERE db = ?',
        [name],
      );
      // One may have ended by itself meanwhile.
      for (const { id } of found) await admin.execute(`KILL ${id}`).catch(() => undefined);
    },
    drop: async () => {
      await admin.execute(`DROP DATABASE ${name}`);
      await admin.close();
    },
  };
}

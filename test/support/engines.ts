import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';
import { cleanup, closing } from './cleanup';
import { answering, type DatabaseServer } from './database-server';
import { hasMariaDb, launchMariaDb } from './mariadb';
import { hasMysql, launchMysql } from './mysql';

export interface Engine {
  readonly name: string;
  /** An empty schema of the test's own, closed when the file's tests end; `url` opens it again (as another process would). */
  open(schema: string): Promise<Sql & { url: string }>;
}

/** An engine that is a server, with many connections at once. */
export interface ServerEngine extends Engine {
  /** Of the server that `global-setup.ts` launched for the whole run. It may be starting: `answering` waits for it. */
  readonly socketPath: string;
  /** Launches another server, for a suite that kills or configures it. */
  launch(...args: string[]): DatabaseServer;
  /** Schemas on another server. */
  on(server: DatabaseServer): Engine;
}

/** The engines that this machine has, SQLite always: `describe.each(engines())`. */
export const engines = (): Engine[] => [sqlite(), ...serverEngines()];

/** MariaDB where it is installed, MySQL where TEST_MYSQL names one. */
export const serverEngines = (): ServerEngine[] => [
  ...(hasMariaDb() ? [mariaDb()] : []),
  ...(hasMysql() ? [mysql()] : []),
];

type Suite = (engine: ServerEngine) => void;

/** Describes the behaviour on every database server; skipped without one. */
export const describeServers = (name: string, suite: Suite): void => describeOn(serverEngines(), name, suite);

/** Describes expensive behaviour that in production only Aurora meets, on its stand-in: MySQL, or else MariaDB. */
export const describeManaged = (name: string, suite: Suite): void =>
  describeOn(serverEngines().slice(-1), name, suite);

function describeOn(found: readonly ServerEngine[], name: string, suite: Suite): void {
  if (found.length > 0) describe.each(found)(`${name}, on $name`, suite);
  else describe.skip(`${name}, on a database server`, () => suite(mariaDb()));
}

function sqlite(): Engine {
  const folder = mkdtempSync(join(tmpdir(), 'shop-sqlite-'));
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  return {
    name: 'SQLite',
    open: (schema) => opened(`file:${join(folder, `${unique(schema)}.db`)}`),
  };
}

export const mariaDb = (): ServerEngine =>
  serverEngine('MariaDB', process.env.TEST_MARIADB_SOCKET, launchMariaDb);

const mysql = (): ServerEngine => serverEngine('MySQL', process.env.TEST_MYSQL_SOCKET, launchMysql);

function serverEngine(name: string, socketPath = '', launch: ServerEngine['launch']): ServerEngine {
  return {
    ...schemasOn(name, socketPath),
    socketPath,
    launch: (...args) => {
      const server = launch(...args);
      return { ...server, stop: cleanup(server.stop) };
    },
    on: ({ socket }) => schemasOn(name, socket),
  };
}

function schemasOn(name: string, socketPath: string): Engine {
  return {
    name,
    open: async (schema) => {
      const database = unique(schema);
      await answering(socketPath);
      const admin = await createConnection({ socketPath, user: 'root' });
      await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
      await admin.end();
      return opened(`mysql://root@localhost/${database}?socketPath=${encodeURIComponent(socketPath)}`);
    },
  };
}

const unique = (schema: string) => `${schema}_${randomBytes(4).toString('hex')}`;

async function opened(url: string): Promise<Sql & { url: string }> {
  return { ...closing(await openSql(url)), url };
}

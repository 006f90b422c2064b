import { randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseServer } from './database-server';
import { hasMariaDb, launchMariaDb } from './mariadb';
import { hasMysql, launchMysql } from './mysql';

declare global {
  var sharedServers: DatabaseServer[];
  var temporaryFolder: string;
}

/** Suites that need no database server: a run of these alone starts none. */
const WITHOUT_DATABASE =
  /(^|\/)test\/(docs|mutants|phases|review|storefront|lib\/(compute|edge|network|operations))\//;

/** Sets up everything that the suites of a run share: a temporary folder, the random seed, and database servers. */
export default function setUp({ nonFlagArgs }: { readonly nonFlagArgs: readonly string[] }): void {
  // Both throw if the machine lacks a required server, before anything runs.
  const [withMariaDb, withMysql] = [hasMariaDb(), hasMysql()];
  globalThis.temporaryFolder = mkdtempSync(join(tmpdir(), 'shop-tests-'));
  // With the mode of /tmp, since some programs change their user.
  chmodSync(globalThis.temporaryFolder, 0o1777);
  process.env.TMPDIR = globalThis.temporaryFolder;
  process.env.ROUNDS ??= '1';
  process.env.SEED ??= String(randomInt(2 ** 31));
  const { ROUNDS, SEED } = process.env;
  const duration = nonFlagArgs.length > 0 ? '' : ', 15 to 20 minutes on two cores with MariaDB and MySQL';
  process.stderr.write(`ROUNDS=${ROUNDS} SEED=${SEED}${duration}\n`);
  // Each suite takes schemas of its own.
  const share = (server: DatabaseServer): string => {
    globalThis.sharedServers.push(server);
    return server.socket;
  };
  globalThis.sharedServers = [];
  if (nonFlagArgs.length > 0 && nonFlagArgs.every((path) => WITHOUT_DATABASE.test(path))) return;
  if (withMariaDb) process.env.TEST_MARIADB_SOCKET = share(launchMariaDb());
  if (withMysql) process.env.TEST_MYSQL_SOCKET = share(launchMysql());
}

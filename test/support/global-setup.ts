import { hasMariaDb, launchMariaDb, type MariaDb } from './mariadb';

declare global {
  var sharedMariaDb: MariaDb | undefined;
}

/** One MariaDB for all suites of a run (each takes schemas of its own): starting one costs seconds. */
export default function setUp(): void {
  if (!hasMariaDb()) return;
  globalThis.sharedMariaDb = launchMariaDb();
  process.env.TEST_MARIADB_SOCKET = globalThis.sharedMariaDb.socket;
}

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasMariaDb, launchMariaDb, type MariaDb } from './mariadb';

declare global {
  var sharedMariaDb: MariaDb | undefined;
}

/** What all suites of a run share, since it costs seconds: a MariaDB (each takes schemas of its own), and synthesized phases. */
export default function setUp(): void {
  process.env.TEST_SYNTHESES = mkdtempSync(join(tmpdir(), 'shop-syntheses-'));
  if (!hasMariaDb()) return;
  globalThis.sharedMariaDb = launchMariaDb();
  process.env.TEST_MARIADB_SOCKET = globalThis.sharedMariaDb.socket;
}

import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dataDirPaths, lockDataDir, olderLog } from './data-dir';
import { stopStale } from './servers/pidfile';

/**
 * Deletes a shop's data from the data folder, and nothing else. Returns the removed paths.
 * @throws CannotRunError if a shop uses the folder
 */
export async function reset(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const claimed = lockDataDir(folder);
  const { shop, fresh, warehouse, log, servers, record } = dataDirPaths(folder);
  await stopStale(record);
  const removed = [shop, fresh, warehouse, log, olderLog(log), servers].filter((path) => existsSync(path));
  for (const path of removed) rmSync(path, { recursive: true });
  claimed.release();
  if (readdirSync(folder).length === 0) rmdirSync(folder);
  return removed;
}

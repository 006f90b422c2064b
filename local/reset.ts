import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { claim, inFolder } from './folder';
import { stopStale } from './servers/record';

/**
 * Empties the data folder of what a shop put there, and of nothing else. Returns what was removed.
 * @throws CannotRunError when a shop runs on it
 */
export async function reset(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const claimed = claim(folder);
  const { shop, fresh, log, servers, record } = inFolder(folder);
  await stopStale(record);
  const removed = [shop, fresh, log, servers].filter((path) => existsSync(path));
  for (const path of removed) rmSync(path, { recursive: true });
  claimed.release();
  if (readdirSync(folder).length === 0) rmdirSync(folder);
  return removed;
}

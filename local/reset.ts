import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { claim, inFolder } from './folder';

/**
 * Empties the data folder of what a shop put there, and of nothing else. Returns what was removed.
 * @throws CannotRunError when a shop runs on it
 */
export function reset(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const claimed = claim(folder);
  const { shop, fresh, log } = inFolder(folder);
  const removed = [shop, fresh, log].filter((path) => existsSync(path));
  for (const path of removed) rmSync(path, { recursive: true });
  claimed.release();
  if (readdirSync(folder).length === 0) rmdirSync(folder);
  return removed;
}

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root';

const folder = join(ROOT, 'node_modules', '.cache', 'shop-bundle');
/** An older output belongs to no process that still reads it. */
const UNUSED_MS = 24 * 3_600_000;

/**
 * The folder of an output that is made once for each key. Several processes may ask at the same time: each gets a complete
 * one.
 */
export function kept(key: string, make: (folder: string) => void): string {
  const output = join(folder, key);
  if (isUsed(output)) return output;
  mkdirSync(folder, { recursive: true });
  removeUnused();
  const made = mkdtempSync(join(folder, 'making-'));
  try {
    make(made);
    renameSync(made, output);
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(output)) throw error;
  }
  return output;
}

/** Returns false if it is not there; else it is not taken for unused. */
function isUsed(output: string): boolean {
  try {
    utimesSync(output, new Date(), new Date());
  } catch {
    // That of another user may be read, but not touched.
    return existsSync(output);
  }
  return true;
}

function removeUnused(): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
    if (mtimeMs < Date.now() - UNUSED_MS) rmSync(path, { recursive: true, force: true });
  }
}

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { trackedFiles } from '../support/tracked-files';

/** What the tests of a tree need besides its files. */
const SHARED = ['node_modules', '.native'];

/** Copies the files that a commit of a tree would have to a temporary folder. `remove` deletes it. */
export function copyOf(root: string): { readonly root: string; readonly remove: () => void } {
  const copy = mkdtempSync(join(tmpdir(), 'shop-mutants-'));
  for (const file of trackedFiles(root)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file), { verbatimSymlinks: true });
  }
  for (const shared of SHARED.filter((name) => existsSync(join(root, name))))
    symlinkSync(join(root, shared), join(copy, shared));
  return { root: copy, remove: () => rmSync(copy, { recursive: true, force: true }) };
}

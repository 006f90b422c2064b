import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withLineFeeds } from '../../line-endings';
import { ROOT } from '../../root';

const compute = join(ROOT, 'lib', 'compute');
const made = new Map<string, string>();

/** The folder for the hosts of a tier: the shared files, overlaid with the tier's own. */
export function hostFiles(tier: 'web' | 'api'): string {
  const known = made.get(tier);
  if (known) return known;
  const out = mkdtempSync(join(tmpdir(), `shop-${tier}-host-`));
  process.once('exit', () => rmSync(out, { recursive: true, force: true }));
  for (const files of ['host', `${tier}/host`])
    cpSync(withLineFeeds(join(compute, files)), out, { recursive: true });
  made.set(tier, out);
  return out;
}

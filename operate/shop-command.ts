import { join } from 'node:path';
import { DEFAULT_SHOP } from '../lib/names';
import { ROOT } from '../lib/root';

/** For `parseArgs`: the options of each command for a shop that is deployed, or on this machine. */
export const SHOP_OPTIONS = {
  region: { type: 'string' },
  name: { type: 'string', default: DEFAULT_SHOP },
  local: { type: 'boolean' },
  data: { type: 'string', default: join(ROOT, '.local') },
  help: { type: 'boolean' },
} as const;

/** Runs a command. An error ends it with 1, its message and the usage. */
export function runShopCommand(usage: string, main: () => Promise<void>): void {
  main().catch((error: Error) => {
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 1;
  });
}

import { chmodSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type App, attachCustomSynthesis } from 'aws-cdk-lib';

/**
 * Gives every file of every asset, including the CDK's own, the mode 0644 before the CLI zips it. Staging keeps the
 * modes of the checkout and of npm's install: with `umask 077` Lambda could not read its functions (rule CDK-18). The
 * hosts make scripts executable.
 */
export function makeAssetsReadable(app: App): void {
  attachCustomSynthesis(app, {
    onSynthesize: ({ assembly: { outdir } }) => {
      for (const asset of readdirSync(outdir).filter((name) => name.startsWith('asset.'))) {
        for (const file of filesIn(join(outdir, asset))) chmodSync(file, 0o644);
      }
    },
  });
}

/** Without symbolic links, which have no mode of their own. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

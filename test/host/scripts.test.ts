import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describeWith, environment, HOST, TIER_FOLDERS } from './support';

const folders = [...new Set([HOST, ...TIER_FOLDERS.web, ...TIER_FOLDERS.api])];

describeWith('shellcheck')('the scripts of hosts', () => {
  describe.each(folders.map((folder) => [basename(dirname(folder)), folder]))('of %s', (_, folder) => {
    it.each(readdirSync(folder).filter((name) => name.endsWith('.sh')))('%s passes shellcheck', (script) => {
      execFileSync('shellcheck', ['--external-sources', script], {
        cwd: folder,
        encoding: 'utf8',
        env: environment(),
      });
    });
  });
});

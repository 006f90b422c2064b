import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeWith, environment, HOST, TIER_FOLDERS } from './support';

const folders = [...new Set([HOST, ...TIER_FOLDERS.web, ...TIER_FOLDERS.api])];
const CI = join(__dirname, '../../.ci');

function check(folder: string, script: string): void {
  execFileSync('shellcheck', ['--external-sources', script], {
    cwd: folder,
    encoding: 'utf8',
    env: environment(),
  });
}

describeWith('shellcheck')('the scripts of hosts', () => {
  describe.each(folders.map((folder) => [basename(dirname(folder)), folder]))('of %s', (_, folder) => {
    it.each(readdirSync(folder).filter((name) => name.endsWith('.sh')))('%s passes shellcheck', (script) =>
      check(folder, script),
    );
  });
});

describeWith('shellcheck')('the scripts of CI', () => {
  it.each(readdirSync(CI))('%s passes shellcheck', (script) => check(CI, script));
});

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describeWith, environment, HOST } from './support';

const scripts = readdirSync(HOST).filter((name) => name.endsWith('.sh'));

describeWith('shellcheck')('the scripts of the box', () => {
  it.each(scripts)('%s passes shellcheck', (script) => {
    execFileSync('shellcheck', ['--external-sources', script], {
      cwd: HOST,
      encoding: 'utf8',
      env: environment(),
    });
  });
});

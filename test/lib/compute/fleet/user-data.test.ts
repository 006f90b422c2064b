import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostUserData } from '../../../../lib/compute/fleet/user-data';

const props = {
  region: 'eu-west-1',
  environment: { ROLE: 'read', LOG_GROUP: 'hosts' },
  insideCertificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  settings: { SHOP_ROLE: 'read', USERS_DATABASE: 'mysql://host:3306/users?secret=arn:aws:x&$HOME=`1`' },
  host: { bucket: 'assets', key: 'host.zip' },
};
const script = hostUserData(props);

const root = mkdtempSync(join(tmpdir(), 'user-data-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs the user data with its folders below a root of the test's, where S3 has the host's files. */
function boot(text: string): { at: (path: string) => string; said: string } {
  const bin = join(root, 'bin');
  const files = join(root, 'files');
  for (const folder of [bin, files, join(root, 'tmp'), join(root, 'etc')])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(files, 'boot.sh'), 'echo "booted in $AWS_REGION"\n');
  execFileSync('python3', ['-m', 'zipfile', '-c', join(root, 'host.zip'), join(files, 'boot.sh')]);
  const standIn = (command: string, script: string) => {
    writeFileSync(join(bin, command), `#!/bin/sh\necho ${command} "$@" >>${root}/calls\n${script}\n`);
    chmodSync(join(bin, command), 0o755);
  };
  standIn('aws', `cp ${root}/host.zip "$4"`);
  // As where a unit does not exist.
  standIn('systemctl', 'exit 5');
  const here = text.replaceAll(/\/(etc|opt|tmp)\//g, `${root}/$1/`);
  const env = { PATH: `${bin}:${process.env.PATH}` };
  const said = execFileSync('bash', ['-'], { input: here, encoding: 'utf8', env });
  return { at: (path) => readFileSync(join(root, path), 'utf8'), said };
}

test('says what the host is, whom it trusts and what its app reads, and lets its own scripts take over', () => {
  const { at, said } = boot(script);
  expect(at('etc/shop/host.env')).toBe('ROLE=read\nLOG_GROUP=hosts\n');
  expect(at('etc/shop/tls/inside.pem')).toBe(props.insideCertificate);
  expect(at('etc/shop/shop.env')).toBe(
    "SHOP_ROLE='read'\nUSERS_DATABASE='mysql://host:3306/users?secret=arn:aws:x&$HOME=`1`'\n",
  );
  expect(at('calls')).toMatch(/\naws s3 cp s3:\/\/assets\/host\.zip .*\/tmp\/host\.zip\n$/);
  expect(said).toBe('booted in eu-west-1\n');
});

test('silences the programs of the image that call out, before anything else, so that a refused packet means something', () => {
  rmSync(join(root, 'calls'), { force: true });
  const { at } = boot(script);
  const [masked, restarted, brought] = at('calls').split('\n');
  expect(masked?.split(' ')).toEqual([
    ...['systemctl', 'mask', '--now', 'amazon-ssm-agent.service'],
    ...['ec2-instance-connect.service', 'ec2-instance-connect-harvest-hostkeys.service'],
  ]);
  expect(restarted).toBe('systemctl try-restart chronyd.service');
  expect(brought).toMatch(/^aws s3 cp /);
  const sources = at('etc/chrony.conf').match(/^(server|pool|peer|sourcedir|include|confdir)\b.*$/gm);
  expect(sources).toEqual(['server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4']);
});

test('a host without an app has no settings of one', () => {
  expect(hostUserData({ ...props, settings: undefined })).not.toContain('shop.env');
});

test('until packages are installed it needs nothing that an image may lack', () => {
  expect(script).not.toMatch(/\b(unzip|jq|wget)\b/);
});

const shellcheck = spawnSync('shellcheck', ['--version']).status === 0 || process.env.REQUIRE_SERVERS === '1';

(shellcheck ? test : test.skip)('shellcheck has nothing to say about it', () => {
  const { status, stdout } = spawnSync('shellcheck', ['-'], { input: script, encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

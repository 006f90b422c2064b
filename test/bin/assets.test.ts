import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { settings } from '../phases/synthesized';

/** Rule CDK-18: every machine deploys the same assets. */

// Whole syntheses: a bound for hangs, not a promise of speed.
jest.setTimeout(300_000);

const root = join(__dirname, '../..');
const temporary = mkdtempSync(join(tmpdir(), 'shop-assets-'));
const elsewhere = join(temporary, 'elsewhere');
afterAll(() => rmSync(temporary, { recursive: true }));

const files = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

/**
 * The project in another place, as a checkout under `umask 077` leaves it, its programs with the line ends of Windows.
 */
beforeAll(() => {
  mkdirSync(elsewhere);
  for (const folder of ['bin', 'lambda', 'lib', 'storefront'])
    cpSync(join(root, folder), join(elsewhere, folder), { recursive: true });
  for (const file of ['cdk.json', 'package.json', 'package-lock.json', 'tsconfig.json'])
    copyFileSync(join(root, file), join(elsewhere, file));
  for (const file of files(elsewhere)) {
    if (file.endsWith('.ts')) writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\n', '\r\n'));
    chmodSync(file, 0o600);
  }
  for (const made of ['node_modules', '.native']) symlinkSync(join(root, made), join(elsewhere, made));
});

/** As the CDK's CLI runs the app, in a shell with that umask. */
function synthesize(place: string, umask: string, out: string, phase = 3) {
  const context = {
    ...settings,
    phase,
    region: 'eu-west-1',
    domain: 'shop.example.com',
    hostedZoneId: 'Z0123456789ABCDEFGHIJ',
  };
  return spawnSync('sh', ['-c', `umask ${umask} && exec "$0" --import tsx bin/shop.ts`, process.execPath], {
    cwd: place,
    encoding: 'utf8',
    // Without the CDK's checks of templates, which have no part in this.
    env: {
      ...{ PATH: process.env.PATH, CDK_VALIDATION: 'false' },
      ...{ CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify(context) },
    },
  });
}

/** Path, mode and digest of every file of every asset, and the digest of every template. */
function synthesized(place: string, umask: string): string[] {
  const out = join(temporary, `out-${umask}`);
  const { status, stderr } = synthesize(place, umask, out);
  expect([status, stderr]).toEqual([0, '']);
  return files(out)
    .map((file) => {
      const name = relative(out, file);
      const mode = name.startsWith('asset.') ? (statSync(file).mode & 0o777).toString(8) : '';
      return `${name} ${mode} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
    })
    .filter((line) => /^asset\.|\.template\.json /.test(line))
    .sort();
}

test('CDK-18: assets have the same names, bytes and modes from any path, with any umask and line ends', () => {
  const [here, there] = [synthesized(root, '022'), synthesized(elsewhere, '077')];
  expect(here.length).toBeGreaterThan(100);
  expect(there).toEqual(here);
  // Those that the CDK makes by itself are among them.
  expect(here.join('\n')).toContain('/__entrypoint__.js 644 ');
  const others = here.filter((line) => line.startsWith('asset.') && !line.includes(' 644 '));
  expect(others).toEqual([]);
});

test.each(['lib/compute/box/host/boot.sh', 'lib/compute/host/common.sh', 'storefront/index.html'])(
  'CDK-18: %s with carriage returns stops synthesis, and nothing of it is staged',
  (name) => {
    const file = join(elsewhere, name);
    const right = readFileSync(file, 'utf8');
    const out = join(temporary, 'out-refused');
    try {
      const wrong = right.replaceAll('\n', '\r\n');
      writeFileSync(file, wrong);
      const { status, stderr } = synthesize(elsewhere, '022', out);
      expect(status).toBe(1);
      expect(stderr.trim().split('\n')).toEqual([
        expect.stringContaining(`carriage return and a line feed (CRLF) in ${name}.`),
      ]);
      expect(files(out).filter((staged) => readFileSync(staged, 'utf8') === wrong)).toEqual([]);
    } finally {
      writeFileSync(file, right);
      rmSync(out, { recursive: true, force: true });
    }
  },
);

test('CDK-18: a checkout has line feeds whatever git is set to', () => {
  const [origin, checkout] = ['origin', 'checkout'].map((name) => join(temporary, name)) as [string, string];
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  git('init', '--quiet', origin);
  for (const name of ['.gitattributes', 'lib/compute/box/host/boot.sh'])
    copyFileSync(join(root, name), join(origin, name.replace(/.*\//, '')));
  git('-C', origin, 'add', '--all');
  git('-C', origin, 'commit', '--quiet', '--message', 'a script');
  git('-c', 'core.autocrlf=true', '-c', 'core.eol=crlf', 'clone', '--quiet', origin, checkout);
  expect(readFileSync(join(checkout, 'boot.sh'), 'utf8')).not.toContain('\r');
});

test('CDK-18: the runbook has the command that replaces what was uploaded wrong', () => {
  const words = readFileSync(join(root, 'docs/runbook.md'), 'utf8');
  expect(words).toContain('rm -rf cdk.out && npx cdk publish-assets --all --force --unstable=publish-assets');
});

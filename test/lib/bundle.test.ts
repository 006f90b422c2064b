import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, bundle } from '../../lib/bundle';
import { cleanup } from '../support/cleanup';

const release = bundle().release('all');
const files = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Offset 18 of an ELF header is the machine of the code; 0xB7 is AArch64. */
const elfMachine = (file: string) => readFileSync(file).readUInt16LE(18);

const functions = [
  'guard',
  'prefixList',
  'image',
  'claim',
  'release',
  'certificate',
  'insideCertificate',
  'rollout',
  'migrations',
  'rotation',
  'staff',
  'stockAudit',
  'listRebuild',
  'userShards',
  'federation',
  'incidents',
  'canary',
  'archive',
  'warehouseLoad',
] as const;

test('CDK-13: every native module in the release is for Graviton', () => {
  const natives = files(release).filter((file) => file.endsWith('.node'));
  expect(natives.length).toBeGreaterThan(0);
  for (const file of natives) {
    expect(readFileSync(file).subarray(1, 4).toString()).toBe('ELF');
    expect([file, elfMachine(file)]).toEqual([file, 0xb7]);
  }
});

test('the release holds the programs that the box starts', () => {
  expect(readdirSync(release)).toEqual(
    expect.arrayContaining(['migrate.js', 'node_modules', 'server.js', 'staff.js']),
  );
});

test('the release carries compiled packages and what they load: all else is in the bundle', () => {
  const packages = readdirSync(join(release, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(packages).toEqual(['@img', '@node-rs', 'detect-libc', 'semver', 'sharp']);
});

test.each([
  ['users', ['@node-rs']],
  ['inventory', ['@img', 'detect-libc', 'semver', 'sharp']],
] as const)(
  'the release of %s, and the function, carry the compiled packages that it loads',
  (service, packages) => {
    for (const place of [bundle().release(service), bundle().service(service)])
      expect(readdirSync(join(place, 'node_modules')).sort()).toEqual(packages);
    expect(readdirSync(bundle().release(service))).toContain('server.js');
    expect(readdirSync(bundle().service(service)).sort()).toEqual(['index.js', 'node_modules']);
  },
);

test('F6: the worker of photos carries sharp for Graviton and nothing else that is compiled, in less than 40 MB', () => {
  const place = bundle().service('thumbnails');
  expect(readdirSync(join(place, 'node_modules')).sort()).toEqual(['@img', 'detect-libc', 'semver', 'sharp']);
  const compiled = files(place).filter((file) => /\.node$|\.so(\.|$)/.test(file));
  expect(compiled.some((file) => file.includes('sharp-linux-arm64'))).toBe(true);
  for (const file of compiled) expect([file, elfMachine(file)]).toEqual([file, 0xb7]);
  const bytes = files(place).reduce((sum, file) => sum + statSync(file).size, 0);
  expect(bytes).toBeLessThan(40e6);
});

test('a function is one file, which finds nothing else to load', () => {
  for (const name of functions) expect(readdirSync(bundle().handler(name))).toEqual(['index.js']);
  expect(readdirSync(bundle().handler('storefront'))).toEqual(['index.js', 'storefront']);
});

test('no handler takes more than event and context, or Lambda would refuse it as one that wants a callback', () => {
  for (const name of [...functions, 'storefront'] as const) {
    const { handler } = require(join(bundle().handler(name), 'index.js'));
    expect([name, handler.length > 0 && handler.length <= 2]).toEqual([name, true]);
  }
});

test('the release and the function that publishes it have the same storefront', () => {
  const [mine, published] = [release, bundle().handler('storefront')].map((place) =>
    files(join(place, 'storefront')).map((file) => [file.slice(place.length), readFileSync(file, 'utf8')]),
  );
  expect(mine?.length).toBeGreaterThan(10);
  expect(published).toEqual(mine);
});

test('what is deployed says nothing of the machine that built it, so its hash is the same everywhere', () => {
  const root = join(__dirname, '../..');
  for (const directory of [...functions.map((name) => bundle().handler(name)), release]) {
    for (const file of files(directory).filter((one) => !one.endsWith('.node'))) {
      expect([file, readFileSync(file, 'utf8').includes(root)]).toEqual([file, false]);
    }
  }
});

test('building twice gives the same bytes', () => {
  const digest = (directory: string) =>
    files(directory)
      .map((file) => [
        file.slice(directory.length),
        createHash('sha256').update(readFileSync(file)).digest('hex'),
      ])
      .sort();
  const again = mkdtempSync(join(tmpdir(), 'shop-bundle-'));
  cleanup(() => rmSync(again, { recursive: true }));
  build(again);
  expect(digest(join(again, 'releases'))).toEqual(digest(join(release, '..')));
  expect(readdirSync(again).sort()).toEqual([...functions, 'storefront', 'releases', 'services'].sort());
});

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FileSystem } from 'aws-cdk-lib';
import { buildSync } from 'esbuild';
import { nativePackages, preparedNatives } from './natives';

const root = resolve(__dirname, '..');

/** Every program that runs in the cloud, by the name of its folder in the bundle. */
const handlers = {
  guard: 'lib/guard/guard.handler.ts',
  image: 'lib/compute/box/image.handler.ts',
  claim: 'lib/compute/box/claim.handler.ts',
  release: 'lib/compute/box/release.handler.ts',
  certificate: 'lib/compute/box/certificate.handler.ts',
  insideCertificate: 'lib/compute/balancer/inside-certificate.handler.ts',
  rollout: 'lib/compute/fleet/rollout.handler.ts',
  migrations: 'lib/data/migrations.handler.ts',
  rotation: 'lib/data/rotation.handler.ts',
  storefront: 'lib/compute/storefront.handler.ts',
} as const;

/** What the box runs: the shop, its migrations, and commands that make somebody staff and check the stock. */
const releasePrograms = {
  server: 'lambda/monolith/server.ts',
  migrate: 'lambda/migrate.ts',
  staff: 'lambda/monolith/staff.ts',
  'check-stock': 'lambda/monolith/check-stock.ts',
} as const;

/** Never bundled: compiled code, and the engine of the shop on one's own machine, which a server never loads. */
const external = [...nativePackages, 'libsql'];

export type HandlerName = keyof typeof handlers;

export interface Bundle {
  /** Directory of a function's code, `index.js` inside. */
  handler(name: HandlerName): string;
  /** Directory that becomes the release on the box. */
  readonly release: string;
}

const storefront = join(root, 'storefront');

/** Changes with every byte of the storefront. */
export function storefrontFingerprint(): string {
  return FileSystem.fingerprint(storefront);
}

let made: Bundle | undefined;

/**
 * One esbuild call for all programs, once a process. The output holds no path of this machine, so the same sources
 * give the same asset hashes everywhere. Not minified: nothing here starts in front of a customer, and stack traces
 * that a person can read are worth more than the bytes.
 */
export function bundle(): Bundle {
  made ??= build();
  return made;
}

function build(): Bundle {
  const out = mkdtempSync(join(tmpdir(), 'shop-bundle-'));
  process.once('exit', () => rmSync(out, { recursive: true, force: true }));
  const functions = Object.entries(handlers).map(([name, entry]) => ({ in: entry, out: `${name}/index` }));
  const programs = Object.entries(releasePrograms).map(([name, entry]) => ({
    in: entry,
    out: `box/${name}`,
  }));
  buildSync({
    entryPoints: [...functions, ...programs],
    absWorkingDir: root,
    outdir: out,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external,
    logLevel: 'error',
  });
  const release = join(out, 'box');
  cpSync(preparedNatives(root), join(release, 'node_modules'), { recursive: true });
  for (const place of [release, join(out, 'storefront')]) {
    cpSync(storefront, join(place, 'storefront'), { recursive: true });
  }
  return { handler: (name) => join(out, name), release };
}

import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { FileSystem } from 'aws-cdk-lib';
import { buildSync, version } from 'esbuild';
import { kept } from './kept-output';
import { withLineFeeds } from './line-endings';
import { nativePackages, nativesStamp, preparedNatives } from './natives';
import { ROOT } from './root';

/** The major version of Node on hosts and in functions (decision 0231). */
export const DEPLOYED_NODE = 24;
/** That of the runtime of canaries, which Synthetics chooses. */
export const CANARY_NODE = 22;

/** Every program that runs in the cloud, by the name of its folder in the bundle. */
const handlers = {
  guard: 'lib/guard/guard.handler.ts',
  prefixList: 'lib/network/prefix-list.handler.ts',
  image: 'lib/compute/box/image.handler.ts',
  claim: 'lib/compute/box/attach-volume-and-ip.handler.ts',
  release: 'lib/compute/box/release.handler.ts',
  certificate: 'lib/compute/box/certificate.handler.ts',
  insideCertificate: 'lib/compute/balancer/inside-certificate.handler.ts',
  rollout: 'lib/compute/fleet/rollout.handler.ts',
  migrations: 'lib/data/migrations.handler.ts',
  rotation: 'lib/data/rotation.handler.ts',
  staff: 'lib/data/staff.handler.ts',
  listRebuild: 'lib/data/list-rebuild.handler.ts',
  stockAudit: 'lib/data/stock-audit.handler.ts',
  userShards: 'lib/data/user-shards.handler.ts',
  federation: 'lib/data/federation.handler.ts',
  archive: 'lib/data/warehouse/archive.handler.ts',
  warehouseLoad: 'lib/data/warehouse/load.handler.ts',
  storefront: 'lib/compute/storefront.handler.ts',
  incidents: 'lib/operations/incidents/incidents.handler.ts',
  canary: 'lib/operations/canary/canary.handler.ts',
} as const;

type ServiceName = 'users' | 'inventory';

/** Both services in one process, or one of them: its release changes with the code that it runs and with no other. */
type ReleaseName = 'all' | ServiceName;

/** The programs of a release: the shop, its migrations, and the commands that grant the staff role and audit stock. */
const releases: Readonly<Record<ReleaseName, Readonly<Record<string, string>>>> = {
  all: {
    server: 'lambda/hosts/server.ts',
    migrate: 'lambda/hosts/migrate.ts',
    staff: 'lambda/hosts/staff.ts',
    'check-stock': 'lambda/hosts/stock-audit.ts',
  },
  users: { server: 'lambda/hosts/users-server.ts' },
  inventory: {
    server: 'lambda/hosts/inventory-server.ts',
    'check-stock': 'lambda/hosts/stock-audit.ts',
    'photo-worker': 'lambda/hosts/photo-worker.ts',
  },
};

/** Functions that run the shop's own code: the services behind a balancer, and the worker of photos. */
export type FunctionName = ServiceName | 'thumbnails';

const services: Readonly<Record<FunctionName, string>> = {
  users: 'lambda/users/handler.ts',
  inventory: 'lambda/inventory/handler.ts',
  thumbnails: 'lambda/thumbnails/handler.ts',
};

const sharp = ['sharp', '@img', 'detect-libc', 'semver'];

/** The folders of prepared packages that a program loads: the others stay away from it. */
const nativesOf: Readonly<Record<FunctionName, readonly string[]>> = {
  users: ['@node-rs'],
  inventory: sharp,
  thumbnails: sharp,
};

/** Never bundled: native modules, the local database, which a server never loads, and the library of canaries. */
const external = [...nativePackages, 'libsql', '@aws/synthetics-core'];

export type HandlerName = keyof typeof handlers;

export interface Bundle {
  /** Directory of a function's code, `index.js` inside. */
  handler(name: HandlerName): string;
  /** Directory of a service or a worker as a function, `index.js` inside. */
  service(name: FunctionName): string;
  /** Directory that becomes the release on hosts. */
  release(name: ReleaseName): string;
}

const storefront = join(ROOT, 'storefront');

/** Changes with every byte of the storefront. */
export function storefrontFingerprint(): string {
  return FileSystem.fingerprint(storefront);
}

let made: Bundle | undefined;

/**
 * One esbuild call for all programs, kept until a source changes. The output holds no path of this machine, so the same
 * sources give the same asset hashes everywhere. Not minified: no customer waits for a start of these programs, and
 * readable stack traces are worth more than the bytes.
 */
export function bundle(): Bundle {
  made ??= open(kept(fingerprint(), build));
  return made;
}

const open = (folder: string): Bundle => ({
  handler: (name) => join(folder, name),
  service: (name) => join(folder, 'services', name),
  release: (name) => join(folder, 'releases', name),
});

/** Of all that the output is made from. @throws NativesNotPreparedError @throws CarriageReturnError */
function fingerprint(): string {
  preparedNatives(ROOT);
  withLineFeeds(storefront);
  const sources = [join(ROOT, 'lambda'), join(ROOT, 'lib'), storefront];
  return createHash('sha256')
    .update(
      JSON.stringify([
        version,
        nativesStamp(ROOT),
        ...sources.map((folder) => FileSystem.fingerprint(folder)),
      ]),
    )
    .digest('hex');
}

/** Writes all programs into an empty folder. */
export function build(folder: string): void {
  const functions = Object.entries(handlers).map(([name, entry]) => ({ in: entry, out: `${name}/index` }));
  const programs = Object.entries(releases).flatMap(([release, entries]) =>
    Object.entries(entries).map(([name, entry]) => ({ in: entry, out: `releases/${release}/${name}` })),
  );
  const inFunctions = Object.entries(services).map(([name, entry]) => ({
    in: entry,
    out: `services/${name}/index`,
  }));
  const everything = [...functions, ...programs, ...inFunctions];
  const isCanary = ({ in: entry }: { readonly in: string }) => entry === handlers.canary;
  for (const [node, entryPoints] of [
    [DEPLOYED_NODE, everything.filter((entry) => !isCanary(entry))],
    [CANARY_NODE, everything.filter(isCanary)],
  ] as const) {
    buildSync({
      entryPoints,
      absWorkingDir: ROOT,
      outdir: folder,
      bundle: true,
      platform: 'node',
      target: `node${node}`,
      // A node_modules that is a link would put its own path into the output.
      preserveSymlinks: true,
      format: 'cjs',
      external,
      logLevel: 'error',
    });
  }
  const { release, service } = open(folder);
  const natives = preparedNatives(ROOT);
  cpSync(natives, join(release('all'), 'node_modules'), { recursive: true });
  const places: readonly [FunctionName, string][] = [
    ['users', release('users')],
    ['users', service('users')],
    ['inventory', release('inventory')],
    ['inventory', service('inventory')],
    ['thumbnails', service('thumbnails')],
  ];
  for (const [name, place] of places) {
    for (const each of nativesOf[name])
      cpSync(join(natives, each), join(place, 'node_modules', each), { recursive: true });
  }
  for (const place of [release('all'), join(folder, 'storefront')]) {
    cpSync(storefront, join(place, 'storefront'), { recursive: true });
  }
}

const { statSync } = require('node:fs');

/** The suites that take longest, in this order: no worker should begin one when the others have nothing left to do. */
const SLOWEST = [
  'bin/assets',
  'lambda/inventory/bounded-reads',
  'local/command',
  'lambda/inventory/reservations/races',
  'lambda/users/throttle',
  'lambda/data-migration/mover',
  'lambda/data-migration/shards/bucket-mover',
  'lambda/data-migration/federation/federation',
  'phases/evolution',
  'lambda/inventory/photos/crash-recovery',
  'lambda/archive/archive',
  'hostile/fuzz',
  'phases/checks',
  'lambda/hosts/overload',
  'lambda/inventory/catalog/shared-copies',
  'lambda/hosts/deletion',
  'lambda/hosts/roles',
  'lambda/thumbnails/memory',
  'lambda/shared/sql/mysql',
  'lab/simulator/simulate',
  'lib/guard/marker',
  'lab/simulator/planted',
];

/** Orders suites without the record of an earlier run, which CI does not have: the slowest, then the others by size. */
module.exports = class SlowestFirst {
  sort(tests) {
    // Suites that are not listed come last.
    const rank = ({ path }) => SLOWEST.findIndex((name) => path.endsWith(`/${name}.test.ts`)) >>> 0;
    const size = ({ path }) => statSync(path).size;
    return [...tests].sort((one, other) => rank(one) - rank(other) || size(other) - size(one));
  }
  shard(tests) {
    return tests;
  }
  allFailedTests(tests) {
    return tests;
  }
  cacheResults() {}
};

import { layoutOf } from '../../../../lib/review/picture/layout';
import type { Band, Flow, Model, Part } from '../../../../lib/review/picture/model';
import { faultsOf } from './geometry';

const nothing = { added: new Set<string>(), changed: new Set<string>() };

const part = (key: string, band: Band, rank = 0): Part => ({
  key,
  band,
  rank,
  title: `The ${key}`,
  lines: ['says what it is in some words'],
  groups: [],
  members: [],
});
const flow = (from: string, to: string): Flow => ({ from, to, label: '443', kind: 'connection' });

/** More than there is yet: a cache, replicas, and functions that a queue beside the network feeds. */
const grown: Model = {
  parts: [
    part('people', 'people'),
    part('name', 'edge'),
    part('cdn', 'edge'),
    part('balancer', { tier: 'app' }, 0),
    ...['read', 'write', 'jobs'].map((key) => part(key, { tier: 'app' }, 1)),
    ...['users', 'inventory', 'cache'].map((key) => part(key, { tier: 'data' }, 1)),
    part('logs', 'ways'),
    ...['bucket', 'queue', 'thumbnails', 'table'].map((key) => part(key, 'region')),
  ],
  flows: [
    flow('people', 'name'),
    flow('name', 'cdn'),
    flow('people', 'balancer'),
    flow('people', 'users'),
    flow('cdn', 'balancer'),
    flow('cdn', 'bucket'),
    flow('people', 'bucket'),
    flow('balancer', 'read'),
    flow('balancer', 'write'),
    flow('read', 'balancer'),
    ...['read', 'write'].flatMap((from) => ['users', 'inventory', 'cache'].map((to) => flow(from, to))),
    flow('read', 'jobs'),
    flow('write', 'queue'),
    flow('queue', 'thumbnails'),
    flow('thumbnails', 'bucket'),
  ],
  tiers: [
    { name: 'app', start: 1 },
    { name: 'data', start: 2 },
  ],
  network: 'VPC',
};

test('no box is over another, and no arrow runs through a box or along another arrow', () => {
  expect(faultsOf(layoutOf(grown, nothing, 100))).toEqual([]);
});

test('every part and every arrow has a place', () => {
  const { rows, ways } = layoutOf(grown, nothing, 100);
  const placed = [...rows.rows.flatMap((row) => row.placed), ...rows.region].map((one) => one.part.key);
  expect(placed.sort()).toEqual(grown.parts.map(({ key }) => key).sort());
  expect(ways.map((way) => way.flow)).toEqual(grown.flows);
});

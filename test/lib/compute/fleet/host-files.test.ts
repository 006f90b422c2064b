import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { FileSystem } from 'aws-cdk-lib';
import { hostFiles } from '../../../../lib/compute/fleet/host-files';

const compute = join(__dirname, '../../../../lib/compute');
const listed = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();

test.each(['web', 'api'] as const)('a host of the %s tier gets what all tiers share, and its own', (tier) => {
  const own = listed(join(compute, tier, 'host'));
  const shared = listed(join(compute, 'host'));
  expect(listed(hostFiles(tier))).toEqual([...new Set([...own, ...shared])].sort());
  expect(own).toContain('boot.sh');
});

test('no file of a tier hides one that is shared', () => {
  const shared = listed(join(compute, 'host'));
  for (const tier of ['web', 'api'])
    expect(listed(join(compute, tier, 'host')).filter((name) => shared.includes(name))).toEqual([]);
});

test('the same files give the same asset, wherever they are put together', () => {
  const once = hostFiles('web');
  jest.isolateModules(() => {
    const again: typeof import('../../../../lib/compute/fleet/host-files') = require('../../../../lib/compute/fleet/host-files');
    expect(again.hostFiles('web')).not.toBe(once);
    expect(FileSystem.fingerprint(again.hostFiles('web'))).toBe(FileSystem.fingerprint(once));
  });
  const root = join(compute, '../..');
  for (const name of listed(once)) expect(readFileSync(join(once, name), 'utf8')).not.toContain(root);
});

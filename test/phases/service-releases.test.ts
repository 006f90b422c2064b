import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssetStaging } from 'aws-cdk-lib';
import { bundle } from '../../lib/bundle';
import { constructPath } from '../../review/cloudformation';
import { resourceChanges } from '../../review/differences';
import { synthesisOf } from '../../review/synthesis';
import { synthesizePhase } from '../../review/synthesize';

/** Row F1: each service is released on its own. */
const synthesis = () => {
  // The CDK would take a folder for what it was.
  AssetStaging.clearAssetHashCache();
  return synthesisOf(synthesizePhase({ number: 6 })).templates;
};

/** The groups of hosts with a changed launch template, and everything else that changes, by their paths. */
function changedBy(service: 'users' | 'inventory'): string[] {
  const before = synthesis();
  const { release } = bundle();
  // A copy: what is built is kept for other runs.
  const another = mkdtempSync(join(tmpdir(), 'shop-release-'));
  cpSync(release(service), another, { recursive: true });
  appendFileSync(join(another, 'server.js'), '\n// another release\n');
  Object.assign(bundle(), {
    release: (name: string) =>
      name === service ? another : release(service === 'users' ? 'inventory' : 'users'),
  });
  try {
    return resourceChanges(before, synthesis())
      .map(({ before: resource }) => constructPath(resource))
      .sort();
  } finally {
    Object.assign(bundle(), { release });
  }
}

test.each([
  ['users', ['UsersRead', 'UsersWrite']],
  ['inventory', ['Read', 'Write']],
] as const)('F1: another release of %s replaces hosts of %p and changes nothing else', (service, groups) => {
  expect(changedBy(service)).toEqual(
    groups.map((group) => `Shop-Services/Tiers/Api/${group}/Fleet/Template`),
  );
});

/** The sources in a program, which the bundler names above each. */
const sourcesOf = (service: 'users' | 'inventory') =>
  new Set(
    readdirSync(bundle().release(service))
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) =>
        [
          ...readFileSync(join(bundle().release(service), name), 'utf8').matchAll(/^\/\/ (lambda\/.*)$/gm),
        ].map(([, source = '']) => source),
      ),
  );

/** Of a service, in the release of the other one. */
const shared: Readonly<Record<string, string>> = {
  'lambda/users/sessions/session-copies.ts':
    'The form of the copies that inventory reads, in a cache that both use.',
  'lambda/users/sessions/tokens.ts': 'The hash of a token is the key of its copy.',
};

test.each([
  ['users', 'inventory'],
  ['inventory', 'users'],
] as const)('F1: the release of %s holds no code of %s, so that it changes with none', (service, other) => {
  const sources = [...sourcesOf(service)];
  expect(sources.filter((source) => source.startsWith(`lambda/${service}/`)).length).toBeGreaterThan(5);
  const foreign = sources.filter((source) => source.startsWith(`lambda/${other}/`));
  expect(foreign.filter((source) => !(source in shared))).toEqual([]);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CANARY_NODE, DEPLOYED_NODE } from '../../lib/bundle';
import { CANARY_RUNTIME, CANARY_RUNTIMES } from '../../lib/operations/canary/runtimes';
import { constructPath } from '../../review/cloudformation';
import { resources } from './synthesized';

const root = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** Every file that is brought to a host, and the pipeline. */
const files = [
  ...readdirSync(join(root, 'lib/compute'), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\/host\/.*\.(sh|service)$/.test(file))
    .map((file) => `lib/compute/${file}`),
  '.ci/run',
];
const named = (pattern: RegExp) =>
  files.flatMap((file) => [...read(file).matchAll(pattern)].map(([, number]) => Number(number)));

test('what is bundled, the runtime of functions, the package of hosts and the second Node of CI are one number', () => {
  const runtimes = resources('AWS::Lambda::Function')
    // The CDK's own have a runtime that it chooses.
    .filter(({ resource }) => !/\/(Custom::|AWS[0-9a-f]{32})/.test(constructPath(resource)))
    .map(({ properties }) => properties.Runtime);
  expect(new Set(runtimes)).toEqual(new Set([`nodejs${DEPLOYED_NODE}.x`]));
  const [packages, programs, tested] = [/\bnodejs(\d+)\b/g, /\bnode-(\d+)\b/g, /\bnode@(\d+)\b/g].map(named);
  expect([packages, programs, tested]).toEqual([
    [DEPLOYED_NODE, DEPLOYED_NODE],
    [DEPLOYED_NODE, DEPLOYED_NODE, DEPLOYED_NODE],
    [DEPLOYED_NODE],
  ]);
});

test('the canary is bundled for the Node of its runtime', () => {
  expect(CANARY_RUNTIMES[CANARY_RUNTIME]?.node).toBe(CANARY_NODE);
});

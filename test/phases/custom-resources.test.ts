import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCustom, type Resource, references } from '../../review/cloudformation';
import { type DeployedResource, resources, synthesized } from './synthesized';

/**
 * Rules CDK-15 and CDK-16: what a deploy calls waits for its permissions, and a deploy does not wait for it for an
 * hour.
 */

/** Served by the CDK's own functions, which repeat nothing: the right that each needs stands in the role itself. */
const servedByTheCdk: Readonly<Record<string, string>> = {
  'Custom::VpcRestrictDefaultSG': 'ec2:RevokeSecurityGroupEgress',
  'Custom::SlowLogGroup': 'logs:CreateLogGroup',
  'Custom::SlowLogRetention': 'logs:PutRetentionPolicy',
  'Custom::CrossRegionExportReader': 'ssm:GetParameters',
  'Custom::CrossRegionExportWriter': 'ssm:PutParameter',
};

const templateOf = ({ phase, stack }: DeployedResource): Readonly<Record<string, Resource>> => {
  const [number, options] = phase.split(' ') as [string, 'default' | 'everything'];
  return synthesized(Number(number), options).templates[stack]?.Resources ?? {};
};

/** The resource of the same template that a property refers to. */
function referred(found: DeployedResource, property: string): DeployedResource {
  const [reference] = references(found.properties[property]);
  const id = reference?.logicalId ?? '';
  const resource = templateOf(found)[id];
  if (!resource) throw new Error(`${found.id} has no ${property} in its own template`);
  return { ...found, id, resource, properties: resource.Properties ?? {} };
}

/** Logical ids of everything that is made before it, however far. */
function before({ id, ...found }: DeployedResource, known = new Set<string>()): Set<string> {
  const resource = templateOf({ id, ...found })[id];
  const direct = [
    ...references(resource?.Properties).map(({ logicalId }) => logicalId),
    ...[resource?.DependsOn ?? []].flat().map(String),
  ];
  for (const next of direct.filter((one) => one in templateOf({ id, ...found }) && !known.has(one))) {
    known.add(next);
    before({ ...found, id: next }, known);
  }
  return known;
}

/** Actions that the role's own text allows, and those of the policies beside it. */
function rights(role: DeployedResource): { inline: string; beside: string } {
  const beside = Object.values(templateOf(role)).filter(
    ({ Type, Properties }) =>
      Type === 'AWS::IAM::Policy' &&
      references(Properties?.Roles).some(({ logicalId }) => logicalId === role.id),
  );
  return { inline: JSON.stringify(role.properties.Policies ?? []), beside: JSON.stringify(beside) };
}

const inNetwork = resources('AWS::Lambda::Function').filter(({ properties }) => properties.VpcConfig);
const customs = resources().filter(({ resource }) => isCustom(resource.Type));

test('CDK-15: a function in the network may make its interfaces by its role itself, made long before it', () => {
  expect(inNetwork.length).toBeGreaterThan(0);
  for (const found of inNetwork) {
    const role = referred(found, 'Role');
    const { inline, beside } = rights(role);
    expect([found.id, inline]).toEqual([found.id, expect.stringContaining('ec2:CreateNetworkInterface')]);
    expect([found.id, beside]).toEqual([found.id, expect.not.stringContaining('NetworkInterface')]);
    expect([role.id, ...before(role)]).toEqual([role.id]);
    expect([...before(found)]).toContainEqual(expect.stringMatching(/DatabaseCluster[0-9A-F]{8}$/));
  }
});

test('CDK-15: a custom resource is served by a function of the shop, or its right stands in the role itself', () => {
  for (const custom of customs) {
    const served = referred(custom, 'ServiceToken');
    const right = servedByTheCdk[custom.resource.Type];
    if (right) {
      const { inline, beside } = rights(referred(served, 'Role'));
      expect([custom.id, inline]).toEqual([custom.id, expect.stringContaining(`"${right}"`)]);
      expect([custom.id, beside]).toEqual([custom.id, expect.not.stringContaining(`"${right}"`)]);
    } else {
      // By its tracing: lib/shop-function.ts sets it, and the CDK does not.
      expect([custom.id, served.properties.TracingConfig]).toEqual([custom.id, { Mode: 'PassThrough' }]);
    }
  }
  const types = new Set(customs.map(({ resource }) => resource.Type));
  for (const type of Object.keys(servedByTheCdk)) expect(types).toContain(type);
});

test('CDK-15: the log of slow statements is made by a role that is older than the cluster', () => {
  const group = customs.find(({ resource }) => resource.Type === 'Custom::SlowLogGroup');
  if (!group) throw new Error('no log of slow statements');
  expect([...before(group)]).toContain('ManagedDatabaseCluster9ED2E799');
  const role = referred(referred(group, 'ServiceToken'), 'Role');
  expect([...before(role)]).toEqual([]);
});

test('CDK-15: every function of the shop repeats what is denied, in one place', () => {
  const root = join(__dirname, '../../lib');
  const handlers = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      // The canary comes again after five minutes, and Lambda repeats what incidents failed to report.
      file.endsWith('.handler.ts') && !/(canary|incidents)\.handler\.ts$/.test(file),
  );
  expect(handlers.length).toBeGreaterThan(8);
  for (const file of handlers)
    expect([file, readFileSync(join(root, file), 'utf8')]).toEqual([
      file,
      expect.stringMatching(/await (respond|whenAllowed)\(/),
    ]);
});

test('CDK-16: every custom resource has an end, after that of its function and long before an hour', () => {
  expect(customs.length).toBeGreaterThan(20);
  for (const custom of customs) {
    const end = Number(custom.properties.ServiceTimeout);
    const { Timeout } = referred(custom, 'ServiceToken').properties;
    expect([custom.stack, custom.id, end > Number(Timeout) && end <= 20 * 60]).toEqual([
      custom.stack,
      custom.id,
      true,
    ]);
  }
});

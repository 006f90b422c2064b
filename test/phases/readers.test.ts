import { phaseNumbered } from '../../lib/phases';
import type { Resource } from '../../review/cloudformation';
import { synthesized } from './synthesized';

/** Rows D1, D4, D6 and D7, of phase 4 as a deployer gets it. */
const [before, phase] = [synthesized(3), synthesized(4)];
const plan = phaseNumbered(4);

const named = ({ templates }: typeof phase, stack: string): Readonly<Record<string, Resource>> =>
  templates[stack]?.Resources ?? {};
const text = (value: unknown) => JSON.stringify(value);

const cluster = 'ManagedDatabaseCluster9ED2E799';
const [writer, standby] = ['ManagedDatabaseInstance1072761AA', 'ManagedDatabaseInstance2DCFA61D7'];
const data = named(phase, 'Shop-Data');
const [reader = ''] = Object.keys(data).filter((id) => id.startsWith('ManagedDatabaseInstance3'));

describe('the reader', () => {
  test('D4: is in the third zone, follows its own load, and is promoted last', () => {
    const { AvailabilityZone: _, ...same } = data[writer]?.Properties ?? {};
    expect(data[reader]?.Properties).toEqual({ ...same, AvailabilityZone: 'us-east-1c', PromotionTier: 2 });
    expect(data[reader]).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      DependsOn: [standby],
    });
  });

  test('D4: changes nothing of the instances that are there, their zones least of all', () => {
    for (const id of [writer, standby]) expect(data[id]).toEqual(named(before, 'Shop-Data')[id]);
  });
});

describe('D1: the database before the cache', () => {
  const properties = data[cluster]?.Properties ?? {};

  test('keeps its memory warm: two units at least, in each instance', () => {
    expect(properties.ServerlessV2ScalingConfiguration).toEqual({ MinCapacity: 2, MaxCapacity: 8 });
  });

  test('shows what statements wait for, encrypted with the shop’s key', () => {
    expect(properties).toMatchObject({
      PerformanceInsightsEnabled: true,
      PerformanceInsightsRetentionPeriod: 7,
      PerformanceInsightsKmsKeyId: properties.KmsKeyId,
    });
  });

  test('loses no durability for it: its parameters are those of the phase before', () => {
    const parameters = (of: typeof phase) =>
      Object.values(named(of, 'Shop-Data')).filter(
        ({ Type }) => Type === 'AWS::RDS::DBClusterParameterGroup',
      );
    expect(parameters(phase)).toEqual(parameters(before));
    expect(text(parameters(phase))).not.toContain('innodb_flush_log_at_trx_commit');
  });
});

describe('the hosts', () => {
  const userData = (group: string, of = phase) => {
    const [found] = Object.entries(named(of, 'Shop-Services')).filter(
      ([id, { Type }]) => Type === 'AWS::EC2::LaunchTemplate' && id.startsWith(`TiersApi${group}`),
    );
    return text(found?.[1].Properties);
  };

  test('D4, D6, DATA-1: read hosts know each replica, and choose among them by how late it is', () => {
    for (const [name, schema, secret] of [
      ['USERS_READERS', 'users', 'UsersReader'],
      ['INVENTORY_READERS', 'inventory', 'InventoryReader'],
    ] as const) {
      const imported = (what: string) => `"\\{"Fn::ImportValue":"[^"]*${what}[^"]*"\\},"`.slice(1, -1);
      const url = (instance: string) =>
        `mysql://",${imported(`${instance}[^"]*EndpointAddress`)}":3306/${schema}\\?secret=",${imported(secret)}"`;
      expect(userData('Read')).toMatch(new RegExp(`${name}='${url('Instance2')} ${url('Instance3')}'`));
    }
    const replicas = Object.values(data).filter(({ Type }) => Type === 'AWS::RDS::DBInstance').length - 1;
    expect(replicas).toBe(2);
  });

  test('D5: they still know the writer, for whoever just wrote and for when replicas fail', () => {
    for (const setting of ['USERS_DATABASE', 'INVENTORY_DATABASE'])
      expect(userData('Read')).toMatch(
        new RegExp(`${setting}='mysql://",\\{"Fn::ImportValue":"[^"]*(?<!Read)EndpointAddress`),
      );
  });

  test('D4: write hosts know the writer alone, and so does everybody in the phase before', () => {
    expect(userData('Write')).not.toContain('_READERS=');
    expect(userData('Read', before)).not.toContain('_READERS=');
  });

  test('D7: the tier that saturates first in the lab has twice the hosts, and each group some in every zone', () => {
    const sizes = Object.entries(named(phase, 'Shop-Services'))
      .filter(([id, { Type }]) => Type === 'AWS::AutoScaling::AutoScalingGroup' && id.startsWith('Tiers'))
      .map(([id, { Properties }]) => [id.replace(/FleetGroup.*/, ''), Number(Properties?.MinSize)]);
    expect(Object.fromEntries(sizes)).toEqual({ TiersWeb: 3, TiersApiRead: 6, TiersApiWrite: 3 });
    for (const [, size] of sizes) expect(Number(size) % 3).toBe(0);
  });
});

test('OPS-1: each instance is watched by its own name, since a failover swaps their roles', () => {
  const watched = Object.entries(named(phase, 'Shop-Operations')).filter(([id]) => id.startsWith('Instance'));
  const about = (metric: string) =>
    watched
      .filter(([, { Properties }]) => Properties?.MetricName === metric)
      .map(
        ([, { Properties }]) =>
          text(Properties?.Dimensions).match(/Instance[123][0-9A-F]{8}(?!\w*Instance)/)?.[0],
      );
  for (const metric of ['EngineUptime', 'AuroraReplicaLag'])
    expect([metric, about(metric).map((id) => `ManagedDatabase${id}`)]).toEqual([
      metric,
      [writer, standby, reader],
    ]);
});

test('OPS-1: as many connections are usual as the hosts may open, and none of a box', () => {
  const alarm = Object.entries(named(phase, 'Shop-Operations')).find(([id]) =>
    id.startsWith('DatabaseConnections'),
  )?.[1];
  if (!plan || plan.tiers === 'none') throw new Error('Phase 4 has tiers');
  const hosts = plan.tiers.groups.reduce((sum, { size }) => sum + size.instances, 0);
  expect(alarm?.Properties?.Threshold).toBe(20 + 40 * (hosts + 2));
  expect(alarm?.Properties?.AlarmDescription).not.toContain('box');
});

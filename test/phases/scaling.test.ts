import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usualPace } from '../../lib/compute/fleet/host-health-decision';
import { mostInRollout } from '../../lib/compute/fleet/replacement';
import { phaseNumbered } from '../../lib/phases';
import { constructPath, type Json, type Resource } from '../../review/cloudformation';
import { synthesized } from './synthesized';

/** Rows E1 and E2: the groups of phase 5 as a deployer gets them, compared with the plan in lib/phases.ts. */
const plan = phaseNumbered(5)?.tiers;
if (!plan || plan === 'none') throw new Error('Phase 5 has tiers');

const sizeOf = (access: string) => {
  const found = plan.groups.find((one) => one.access === access);
  if (!found) throw new Error(`no group that may ${access}`);
  return found.size;
};
const groups = [
  { path: 'Tiers/Web', role: 'web', size: plan.web },
  { path: 'Tiers/Api/Read', role: 'read', size: sizeOf('read') },
  { path: 'Tiers/Api/Write', role: 'write', size: sizeOf('write') },
].map(({ size, ...rest }) => {
  if (size.scaling === 'fixed') throw new Error('Every group of phase 5 scales');
  return { ...rest, size, scaling: size.scaling };
});

interface Found {
  readonly id: string;
  readonly path: string;
  readonly resource: Resource;
  readonly properties: Readonly<Record<string, Json>>;
}

function all(type: string, under: string, number = 5): Found[] {
  const { Resources = {} } = synthesized(number).templates['Shop-Services'] ?? {};
  return Object.entries(Resources)
    .map(([id, resource]) => ({
      id,
      path: constructPath(resource).replace('Shop-Services/', ''),
      resource,
      properties: resource.Properties ?? {},
    }))
    .filter(({ path, resource }) => resource.Type === type && `${path}/`.startsWith(`${under}/`));
}

function only(type: string, under: string): Found {
  const [found, ...rest] = all(type, under);
  if (!found || rest.length > 0) throw new Error(`Not one ${type} under ${under}`);
  return found;
}

const text = (value: unknown) => JSON.stringify(value);
const autoScaling = (kind: string) => `AWS::AutoScaling::${kind}`;
const groupAt = (path: string) => only(autoScaling('AutoScalingGroup'), path);

describe.each(groups)('$path', ({ path, role, scaling }) => {
  test('E1: is a group of its own over three zones, between a minimum and a maximum', () => {
    const { properties } = groupAt(path);
    expect(text(properties.VPCZoneIdentifier).match(/Ref(Web|App)[123]Subnet/g)).toHaveLength(3);
    expect(properties).toMatchObject({
      MinSize: String(scaling.minimum),
      MaxSize: String(scaling.maximum),
      DefaultInstanceWarmup: scaling.warmUpSeconds,
    });
    expect([scaling.minimum % 3, scaling.maximum % 3]).toEqual([0, 0]);
  });

  test('E1: keeps its size through a deploy, which says nothing about it', () => {
    const { properties, resource } = groupAt(path);
    expect(properties).not.toHaveProperty('DesiredCapacity');
    expect(resource).toMatchObject({
      UpdatePolicy: { AutoScalingScheduledAction: { IgnoreUnmodifiedGroupSizeProperties: true } },
    });
  });

  test('E2: tracks what the plan names, and removes hosts only where the plan lets it', () => {
    const tracked = all(autoScaling('ScalingPolicy'), path)
      .filter(({ properties }) => properties.PolicyType === 'TargetTrackingScaling')
      .map(({ properties }) => properties.TargetTrackingConfiguration);
    const names = {
      cpuPercent: 'ASGAverageCPUUtilization',
      requestsPerMinute: 'ALBRequestCountPerTarget',
      networkOutBytesPerMinute: 'ASGAverageNetworkOut',
    };
    expect(tracked).toMatchObject(
      scaling.tracking.map(({ metric, target, scaleIn }) => ({
        PredefinedMetricSpecification: { PredefinedMetricType: names[metric] },
        TargetValue: target,
        DisableScaleIn: !scaleIn,
      })),
    );
  });

  test('E2: requests are those of its own target group at its own balancer', () => {
    const tracked = all(autoScaling('ScalingPolicy'), path).filter(({ properties }) =>
      text(properties).includes('ALBRequestCountPerTarget'),
    );
    for (const { properties } of tracked) {
      const label = text(properties);
      expect(label).toContain(path.startsWith('Tiers/Web') ? 'TiersWebBalancer' : 'TiersApiBalancer');
      expect(label).toContain(`${path.replaceAll('/', '')}Targets`);
    }
  });

  test('E2: steps only add hosts, each upon its own alarm', () => {
    const policies = all(autoScaling('ScalingPolicy'), path).filter(
      ({ properties }) => properties.PolicyType === 'StepScaling',
    );
    expect(policies).toHaveLength(scaling.steps.length);
    for (const [index, { id, path: at, properties }] of policies.entries()) {
      const { threshold, minutes, adjustments } = scaling.steps[index] ?? { adjustments: [] };
      expect(properties).toMatchObject({
        AdjustmentType: 'PercentChangeInCapacity',
        MinAdjustmentMagnitude: 1,
      });
      const steps = properties.StepAdjustments as unknown as {
        MetricIntervalLowerBound: number;
        MetricIntervalUpperBound?: number;
        ScalingAdjustment: number;
      }[];
      expect(steps.map((step) => [step.MetricIntervalLowerBound, step.ScalingAdjustment])).toEqual(
        adjustments.map(({ aboveThresholdBy, addPercent }) => [aboveThresholdBy, addPercent]),
      );
      // Without a gap, and open at the end.
      expect(steps.map((step) => step.MetricIntervalUpperBound)).toEqual([
        ...steps.slice(1).map((step) => step.MetricIntervalLowerBound),
        undefined,
      ]);
      expect(steps.every((step) => step.ScalingAdjustment > 0)).toBe(true);
      expect(only('AWS::CloudWatch::Alarm', at.replace('/Policy', '')).properties).toMatchObject({
        AlarmActions: [{ 'Fn::GetAtt': [id, 'Arn'] }],
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: threshold,
        EvaluationPeriods: minutes,
        TreatMissingData: 'notBreaching',
      });
    }
  });

  test('E2: slow responses of hosts that only wait add no host', () => {
    const slow = scaling.steps.find(({ metric }) => metric === 'p95Seconds');
    if (!slow) return;
    const { Metrics } = only('AWS::CloudWatch::Alarm', `${path}/Fleet/Scaling/P95Seconds`).properties;
    expect(Metrics).toContainEqual(
      expect.objectContaining({ Expression: `IF(cpu > ${slow.onlyAboveCpuPercent}, signal, 0)` }),
    );
    expect(text(Metrics)).toContain('"MetricName":"CPUUtilization"');
    expect(text(Metrics)).toContain('"Stat":"p95"');
  });

  test('E2: the custom metric is read as an average, under the name that the app writes', () => {
    if (!scaling.steps.some(({ metric }) => metric === 'eventLoopPercent')) return;
    expect(only('AWS::CloudWatch::Alarm', `${path}/Fleet/Scaling/EventLoopPercent`).properties).toMatchObject(
      {
        Namespace: 'Shop',
        MetricName: 'EventLoopUtilization',
        Dimensions: [{ Name: 'Role', Value: role }],
        Statistic: 'Average',
        Period: 60,
      },
    );
  });

  test('E2: the schedule moves the minimum alone, in a time zone that has a name', () => {
    const actions = all(autoScaling('ScheduledAction'), path).map(({ properties }) => properties);
    const { businessHours: hours, minimum } = scaling;
    expect(actions).toEqual(
      hours
        ? [
            expect.objectContaining({ MinSize: hours.minimum, Recurrence: '30 7 * * MON-FRI' }),
            expect.objectContaining({ MinSize: minimum, Recurrence: '30 20 * * MON-FRI' }),
          ]
        : [],
    );
    for (const action of actions) {
      expect(action).toMatchObject({ TimeZone: 'America/New_York' });
      expect(Object.keys(action).sort()).toEqual([
        'AutoScalingGroupName',
        'MinSize',
        'Recurrence',
        'TimeZone',
      ]);
    }
  });

  test('a release is rolled by an instance refresh, which stops no scaling and keeps every host until another is warm', () => {
    const { UpdatePolicy, CreationPolicy } = groupAt(path).resource as unknown as {
      UpdatePolicy: { AutoScalingInstanceRefresh: { Preferences: Record<string, unknown> } };
      CreationPolicy: Json;
    };
    expect(UpdatePolicy).not.toHaveProperty('AutoScalingRollingUpdate');
    const { Preferences } = UpdatePolicy.AutoScalingInstanceRefresh;
    expect(Preferences).toMatchObject({
      MinHealthyPercentage: 100,
      MaxHealthyPercentage: 134,
      SkipMatching: true,
    });
    // A refresh with an alarm that is on does not start: neither a rollback nor what mends the alarm.
    expect(Preferences).not.toHaveProperty('AlarmSpecification');
    expect(CreationPolicy).toEqual({ ResourceSignal: { Count: scaling.minimum, Timeout: 'PT15M' } });
  });

  test('a host that never gets healthy is refused before a refresh goes on, and the last one before it is over', () => {
    const { Preferences } = (
      groupAt(path).resource.UpdatePolicy as unknown as {
        AutoScalingInstanceRefresh: { Preferences: { InstanceWarmup: number; BakeTime: number } };
      }
    ).AutoScalingInstanceRefresh;
    const { patience, watch, pause } = usualPace;
    expect(Preferences.InstanceWarmup).toBeGreaterThan(patience / 1000);
    expect(Preferences.InstanceWarmup + Preferences.BakeTime).toBeGreaterThan(
      (patience + watch + pause) / 1000,
    );
  });

  test('a roll-out tolerates refusals of 1 % of the requests, and is ended by a spike that causes more', () => {
    const alarm = only('AWS::CloudWatch::Alarm', `${path}/Fleet/RolloutAlarm`).properties;
    expect(alarm.Threshold).toBe(5);
    expect(text(alarm.Metrics)).toContain(
      'FILL(answered, 0) + FILL(unanswered, 0) - 0.01 * FILL(requests, 0)',
    );
  });

  test('ELB-1: a host that is removed finishes its requests first', () => {
    const { Ref } = (groupAt(path).properties.TargetGroupARNs as { Ref: string }[])[0] ?? { Ref: '' };
    const { Resources = {} } = synthesized(5).templates['Shop-Services'] ?? {};
    expect(Resources[Ref]?.Properties?.TargetGroupAttributes).toContainEqual({
      Key: 'deregistration_delay.timeout_seconds',
      Value: '30',
    });
  });
});

test('E2: the five signals are all in use: time of day, CPU, latency, network traffic, a custom metric', () => {
  const plans = groups.map(({ scaling }) => scaling);
  const used = new Set([
    ...plans.flatMap(({ tracking }) => tracking.map(({ metric }) => metric)),
    ...plans.flatMap(({ steps }) => steps.map(({ metric }) => metric)),
    ...plans.flatMap(({ businessHours }) => (businessHours ? ['schedule'] : [])),
  ]);
  expect([...used].sort()).toEqual([
    'cpuPercent',
    'eventLoopPercent',
    'networkOutBytesPerMinute',
    'p95Seconds',
    'requestsPerMinute',
    'schedule',
  ]);
});

test('the roll-out function may end the refreshes of its groups, and learns of their alarms', () => {
  const rule = only('AWS::Events::Rule', 'Tiers/Rollout/AlarmFired');
  const { detail } = rule.properties.EventPattern as unknown as {
    detail: { alarmName: [{ wildcard: string }]; state: Json };
  };
  const [{ wildcard }] = detail.alarmName;
  const matches = new RegExp(`^${wildcard.replaceAll('*', '.*')}$`);
  // CloudFormation names an alarm by stack and logical id.
  const alarms = all('AWS::CloudWatch::Alarm', 'Tiers').filter(({ id }) =>
    matches.test(`Shop-Services-${id}-1A2B3C`),
  );
  expect(alarms.map(({ path }) => path).sort()).toEqual(
    groups.map(({ path }) => `${path}/Fleet/RolloutAlarm`).sort(),
  );
  expect(detail.state).toEqual({ value: ['ALARM'] });
  const policy = text(only('AWS::IAM::Policy', 'Tiers/Rollout').properties);
  expect(policy).toContain('"autoscaling:CancelInstanceRefresh"');
  expect(policy).toContain('autoScalingGroupName/Shop-Services-Tiers*');
  for (const { path } of groups) {
    expect(groupAt(path).resource.DependsOn).toContain(rule.id);
    expect(groupAt(path).properties.Tags).toContainEqual(
      expect.objectContaining({ Key: 'shop:instance-refresh' }),
    );
  }
});

test('groups of a fixed size are replaced one by one, with a function that may end no refresh', () => {
  expect(all('AWS::Events::Rule', 'Tiers/Rollout', 4)).toHaveLength(1);
  for (const { resource, properties } of all(autoScaling('AutoScalingGroup'), 'Tiers', 4)) {
    expect(resource.UpdatePolicy).toHaveProperty('AutoScalingRollingUpdate');
    expect(text(properties.Tags)).not.toContain('shop:instance-refresh');
  }
});

test('DATA-10: read hosts are replaced after write hosts, which is after their bake time', () => {
  expect(groupAt('Tiers/Api/Read').resource.DependsOn).toContain(groupAt('Tiers/Api/Write').id);
});

const operations = () => Object.entries(synthesized(5).templates['Shop-Operations']?.Resources ?? {});
const alarmNamed = (name: string) => {
  const found = operations().find(([id]) => new RegExp(`^${name}[0-9A-F]{8}$`).test(id));
  if (!found) throw new Error(`no alarm ${name}`);
  return found[1].Properties ?? {};
};

test.each(['Web', 'Read', 'Write'])('OPS-1: missing hosts of %s are those that it wants now', (name) => {
  expect(alarmNamed(`${name}Hosts`)).toMatchObject({
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'breaching',
    Metrics: expect.arrayContaining([expect.objectContaining({ Expression: 'desired - inService' })]),
  });
});

test('OPS-1: a group that cannot grow further is noticed, and none is watched for credits that it has not', () => {
  for (const { role, scaling } of groups) {
    const name = role.charAt(0).toUpperCase() + role.slice(1);
    expect(alarmNamed(`${name}AtMaximum`)).toMatchObject({
      MetricName: 'GroupDesiredCapacity',
      Threshold: scaling.maximum - 1,
    });
  }
  expect(operations().filter(([id]) => id.includes('CpuCredits'))).toEqual([]);
});

test('the database and the cache may grow with the groups, and neither is replaced', () => {
  const data = (number: number) => synthesized(number).templates['Shop-Data']?.Resources ?? {};
  const limits = (number: number) => {
    const found = (type: string) => {
      const resource = Object.values(data(number)).find((one) => one.Type === type);
      if (!resource?.Properties) throw new Error(`no ${type} in phase ${number}`);
      return resource.Properties;
    };
    const scaling = found('AWS::RDS::DBCluster').ServerlessV2ScalingConfiguration;
    return {
      units: (scaling as { MaxCapacity: number }).MaxCapacity,
      cache: found('AWS::ElastiCache::ServerlessCache').CacheUsageLimits as {
        DataStorage: { Maximum: number };
        ECPUPerSecond: { Maximum: number };
      },
    };
  };
  const [before, after] = [limits(4), limits(5)];
  expect(after.units).toBeGreaterThan(before.units);
  expect(after.cache.DataStorage.Maximum).toBeGreaterThan(before.cache.DataStorage.Maximum);
  expect(after.cache.ECPUPerSecond.Maximum).toBeGreaterThan(before.cache.ECPUPerSecond.Maximum);
  // By Aurora's guide 3,000 connections at 32 units.
  const hosts = groups
    .filter(({ role }) => role !== 'web')
    .reduce((sum, { size }) => sum + mostInRollout(size), 0);
  expect(alarmNamed('DatabaseConnections').Threshold).toBe(20 + 40 * hosts);
  expect(20 + 40 * hosts).toBeLessThan(3000);
});

/** The costs there are generated: test/docs/plan.test.ts. Those of kinds of days are simulated: test/docs/scaling.test.ts. */
describe('docs/deploy.md on phase 5', () => {
  const words = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8');

  test('names the vCPUs that the groups need, at their maximum and while a release rolls', () => {
    const cores = (size: (typeof groups)[number]['size']) => (size.instanceType.endsWith('.medium') ? 1 : 2);
    const sum = (count: (group: (typeof groups)[number]) => number) =>
      groups.reduce((total, group) => total + count(group) * cores(group.size), 0);
    const flowing = words.replace(/\s+/g, ' ');
    expect(flowing).toContain(
      `${sum(({ scaling }) => scaling.maximum)} vCPUs, and ${sum(({ size }) => mostInRollout(size))} while a release rolls`,
    );
  });
});

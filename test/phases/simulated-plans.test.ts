import ASSUMED from '../../lab/simulation/assumptions.json';
import { PLANS } from '../../lab/simulation/fleet';
import type { StepMetric, StepScaling, TrackedMetric } from '../../lib/scaling/scaling-plan';
import { constructPath } from '../../review/cloudformation';
import { synthesized } from './synthesized';

/** The simulation is about the groups that are deployed: their plans, read back from the template, are its plans. */
interface Part {
  readonly id: string;
  readonly type: string;
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: properties of a template are whatever CloudFormation takes
  readonly properties: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly updatePolicy: any;
}

const parts = (): Part[] =>
  Object.entries(synthesized(5).templates['Shop-Services']?.Resources ?? {}).map(([id, resource]) => ({
    ...{ id, type: resource.Type, path: constructPath(resource) },
    properties: resource.Properties ?? {},
    updatePolicy: resource.UpdatePolicy ?? {},
  }));

const TRACKED: Readonly<Record<string, TrackedMetric>> = {
  ASGAverageCPUUtilization: 'cpuPercent',
  ALBRequestCountPerTarget: 'requestsPerMinute',
  ASGAverageNetworkOut: 'networkOutBytesPerMinute',
};
const STEPPED: Readonly<Record<string, StepMetric>> = {
  EventLoopUtilization: 'eventLoopPercent',
  TargetResponseTime: 'p95Seconds',
};

function planOf(path: string) {
  const under = parts().filter((part) => part.path.startsWith(`Shop-Services/Tiers/${path}/`));
  const of = (type: string) => under.filter((part) => part.type === type);
  const [group] = of('AWS::AutoScaling::AutoScalingGroup');
  const [template] = of('AWS::EC2::LaunchTemplate');
  const policies = of('AWS::AutoScaling::ScalingPolicy');
  const actions = of('AWS::AutoScaling::ScheduledAction').map(({ properties }) => properties);
  const minimum = Number(group?.properties.MinSize);
  const day = actions.find(({ MinSize }) => MinSize > minimum);
  const night = actions.find(({ MinSize }) => MinSize === minimum);
  return {
    instanceType: template?.properties.LaunchTemplateData.InstanceType,
    minimum,
    maximum: Number(group?.properties.MaxSize),
    warmUpSeconds: group?.properties.DefaultInstanceWarmup,
    ...(day && {
      businessHours: {
        timeZone: day.TimeZone,
        weekdays: day.Recurrence.split(' ').at(-1),
        from: timeOf(day.Recurrence),
        until: timeOf(night.Recurrence),
        minimum: day.MinSize,
      },
    }),
    tracking: policies
      .map(({ properties }) => properties.TargetTrackingConfiguration)
      .filter((tracking) => tracking !== undefined)
      .map(({ PredefinedMetricSpecification, TargetValue, DisableScaleIn }) => ({
        metric: TRACKED[PredefinedMetricSpecification.PredefinedMetricType],
        target: TargetValue,
        scaleIn: !DisableScaleIn,
      })),
    steps: of('AWS::CloudWatch::Alarm').flatMap((alarm) => stepOf(alarm, policies)),
  };
}

function stepOf({ properties }: Part, policies: readonly Part[]): StepScaling[] {
  const action = JSON.stringify(properties.AlarmActions ?? []);
  const policy = policies.find(({ id }) => action.includes(id))?.properties;
  if (!policy) return [];
  const { Threshold: threshold, EvaluationPeriods: minutes, Metrics = [] } = properties;
  const names = [
    properties.MetricName,
    ...Metrics.map((one: Part['properties']) => one.MetricStat?.Metric.MetricName),
  ];
  const metric = names.map((name) => STEPPED[name]).find((found) => found !== undefined);
  const guard = /cpu > (\d+)/.exec(JSON.stringify(Metrics))?.[1];
  if (!metric) throw new Error(`An alarm adds hosts by an unknown metric: ${names.join(', ')}`);
  return [
    {
      ...{ metric, threshold, minutes },
      ...(guard && { onlyAboveCpuPercent: Number(guard) }),
      adjustments: policy.StepAdjustments.map((step: Part['properties']) => ({
        aboveThresholdBy: step.MetricIntervalLowerBound,
        addPercent: step.ScalingAdjustment,
      })),
    },
  ];
}

function timeOf(recurrence: string): string {
  const [minutes = '', hours = ''] = recurrence.split(' ');
  return `${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}`;
}

test.each([
  ['Web', 'web'],
  ['Api/Read', 'read'],
  ['Api/Write', 'write'],
] as const)('the plan of %s in the template is the one that is simulated', (path, tier) => {
  expect(planOf(path)).toEqual(PLANS[tier]);
});

test('a release takes the parts and the time that are simulated', () => {
  const groups = parts().filter(({ type }) => type === 'AWS::AutoScaling::AutoScalingGroup');
  expect(groups).toHaveLength(3);
  for (const { updatePolicy } of groups) {
    const { MaxHealthyPercentage, InstanceWarmup } = updatePolicy.AutoScalingInstanceRefresh.Preferences;
    expect(Math.round(100 / (MaxHealthyPercentage - 100))).toBe(ASSUMED.refresh.value);
    expect(InstanceWarmup).toBe(ASSUMED.part.value);
  }
});

test('a release loses none of its hosts to the policies', () => {
  for (const { properties } of parts().filter(({ type }) => type === 'AWS::AutoScaling::AutoScalingGroup')) {
    expect(properties.TerminationPolicies).toEqual(['OldestLaunchTemplate', 'Default']);
  }
});

test('a balancer leaves out hosts that are gone as soon as is simulated', () => {
  const targets = parts().filter(({ type }) => type === 'AWS::ElasticLoadBalancingV2::TargetGroup');
  expect(targets).toHaveLength(3);
  for (const { properties } of targets) {
    const { HealthCheckIntervalSeconds, UnhealthyThresholdCount } = properties;
    expect(HealthCheckIntervalSeconds * UnhealthyThresholdCount).toBe(ASSUMED.detection.value);
  }
});

import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { HOST_METRICS } from '../../lambda/shared/host-metrics';
import type { Tiers, WatchedBalancer, WatchedGroup } from '../compute/tiers';
import { functionAlarm } from './function-alarm';
import type { ShopAlarm } from './shop-alarm';

/** What AWS recommends to watch of load balancers, the groups behind them, and what a roll-out depends on. */
export function tierAlarms({
  watched,
  rolloutFunction,
}: Pick<Tiers, 'watched' | 'rolloutFunction'>): ShopAlarm[] {
  return [
    ...watched.flatMap(balancerAlarms),
    ...watched.flatMap((balancer) => balancer.groups.flatMap((group) => targetAlarms(balancer, group))),
    ...watched.flatMap(({ groups }) => groups.flatMap(hostAlarms)),
    functionAlarm('RolloutFailed', 'a-roll-out-was-stopped', rolloutFunction),
  ];
}

const period = Duration.minutes(5);

/** One in a hundred, of some three requests a second: what ten thousand people make at a quiet hour. */
const MOST_ERRORS = 10;

function balancerAlarms({ id, fullName }: WatchedBalancer): ShopAlarm[] {
  const sum = (metricName: string) =>
    new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName,
      statistic: 'Sum',
      period,
      dimensionsMap: { LoadBalancer: fullName },
    });
  return [
    {
      id: `${id}BalancerErrors`,
      what: `More than ${MOST_ERRORS} requests in five minutes found no host that answered.`,
      section: 'a-load-balancer-answers-with-errors',
      metric: sum('HTTPCode_ELB_5XX_Count'),
      threshold: MOST_ERRORS,
      periods: 1,
    },
    {
      id: `${id}BalancerRejects`,
      what: 'The load balancer turned connections away, having too many.',
      section: 'a-load-balancer-turns-connections-away',
      metric: sum('RejectedConnectionCount'),
      threshold: 0,
      periods: 1,
    },
  ];
}

function targetAlarms({ fullName }: WatchedBalancer, group: WatchedGroup): ShopAlarm[] {
  const target = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName,
      statistic,
      period,
      dimensionsMap: { LoadBalancer: fullName, TargetGroup: group.targetGroupFullName },
    });
  return [
    {
      id: `${group.id}Errors`,
      what: `Hosts answered more than ${MOST_ERRORS} requests in five minutes with an error of theirs.`,
      section: 'hosts-answer-with-errors',
      metric: target('HTTPCode_Target_5XX_Count', 'Sum'),
      threshold: MOST_ERRORS,
      periods: 1,
    },
    {
      id: `${group.id}Slow`,
      what: 'One request in a hundred took more than a second for 15 minutes.',
      section: 'answers-are-slow',
      metric: target('TargetResponseTime', 'p99'),
      threshold: 1,
      periods: 3,
    },
    {
      id: `${group.id}Unhealthy`,
      what: 'A host has failed its health check for 15 minutes and was not replaced.',
      section: 'a-host-is-unhealthy',
      metric: target('UnHealthyHostCount', 'Minimum'),
      threshold: 0,
      periods: 3,
    },
  ];
}

function hostAlarms({ id, autoScalingGroupName, instances }: WatchedGroup): ShopAlarm[] {
  const ofGroup = (namespace: string, metricName: string, statistic: string) =>
    new Metric({
      namespace,
      metricName,
      statistic,
      period,
      dimensionsMap: { AutoScalingGroupName: autoScalingGroupName },
    });
  const alarms: ShopAlarm[] = [
    {
      id: `${id}Hosts`,
      what: `Fewer than ${instances} hosts have been in service for 15 minutes.`,
      section: 'hosts-are-missing',
      metric: ofGroup('AWS/AutoScaling', 'GroupInServiceInstances', 'Maximum'),
      threshold: instances,
      periods: 3,
      when: 'below',
      silenceIsBad: true,
    },
    {
      id: `${id}Cpu`,
      what: 'The hosts of a group use more than 80% of their CPU on average for 15 minutes.',
      section: 'a-group-is-busy',
      metric: ofGroup('AWS/EC2', 'CPUUtilization', 'Average'),
      threshold: 80,
      periods: 3,
    },
    {
      id: `${id}CpuCredits`,
      what: 'A host has spent its CPU credits and borrows more, which is paid for.',
      section: 'a-group-is-busy',
      metric: ofGroup('AWS/EC2', 'CPUSurplusCreditBalance', 'Maximum'),
      threshold: 0,
      // A boot borrows for minutes: a new T4g starts without credits.
      periods: 12,
    },
  ];
  // nginx says nothing of its host's memory, of which it needs next to none.
  if (id !== 'Web') alarms.push(memoryAlarm(id));
  return alarms;
}

/** What only the hosts can see; each app says it once a minute, so silence means that none is running. */
function memoryAlarm(id: Exclude<WatchedGroup['id'], 'Web'>): ShopAlarm {
  return {
    id: `${id}Memory`,
    what: 'A host has used more than 90% of its memory for 15 minutes, or none has reported.',
    section: 'the-memory-of-a-host-is-full',
    metric: new Metric({
      namespace: HOST_METRICS.namespace,
      metricName: HOST_METRICS.memory,
      statistic: 'Maximum',
      period,
      dimensionsMap: { [HOST_METRICS.dimension]: id.toLowerCase() },
    }),
    threshold: 90,
    periods: 3,
    silenceIsBad: true,
  };
}

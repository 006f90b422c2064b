import type { Tiers, WatchedBalancer, WatchedGroup } from '../compute/tiers';
import type { Phase } from '../phases';
import { functionAlarm } from './function-alarm';
import { sizeAlarms } from './group-alarms';
import { balancerMetrics, groupMetrics, targetMetrics } from './metrics';
import { processAlarms, refusedAlarms } from './process-alarms';
import type { ShopAlarm } from './shop-alarm';

export interface TierAlarmsOptions extends Pick<Tiers, 'watched' | 'rolloutFunction'> {
  /** Of the metrics that hosts report themselves. */
  readonly namespace: string;
  /** `objectives`: errors and latency have alarms of their own. */
  readonly monitoring: Phase['monitoring'];
}

/** The alarms that AWS recommends for load balancers and the groups behind them, and those of roll-outs. */
export function tierAlarms({
  watched,
  rolloutFunction,
  namespace,
  monitoring,
}: TierAlarmsOptions): ShopAlarm[] {
  return [
    ...(monitoring === 'alarms' ? watched.flatMap(answerAlarms) : []),
    ...watched.map(rejectAlarm),
    ...watched.flatMap((balancer) => balancer.groups.map((group) => unhealthyAlarm(balancer, group))),
    ...watched
      .filter(({ id }) => id !== 'Rpc')
      .flatMap(({ groups }) => groups.flatMap((group) => hostAlarms(group, namespace))),
    functionAlarm('RolloutFailed', 'a-roll-out-was-stopped', rolloutFunction),
  ];
}

/** One percent of about three requests per second, the load of ten thousand users at a quiet hour. */
const MOST_ERRORS = 10;

/** Thresholds on errors and latency, for phases without objectives. */
function answerAlarms(balancer: WatchedBalancer): ShopAlarm[] {
  const { id, groups } = balancer;
  return [
    {
      id: `${id}BalancerErrors`,
      what: `The load balancer itself answered more than ${MOST_ERRORS} requests in five minutes with a 5xx.`,
      section: 'a-load-balancer-answers-with-errors',
      metric: balancerMetrics(balancer)('HTTPCode_ELB_5XX_Count', 'Sum'),
      threshold: MOST_ERRORS,
      periods: 1,
    },
    ...groups.flatMap((group): ShopAlarm[] => [
      {
        id: `${group.id}Errors`,
        what: `Hosts answered more than ${MOST_ERRORS} requests in five minutes with a 5xx.`,
        section: 'hosts-answer-with-errors',
        metric: targetMetrics(balancer, group)('HTTPCode_Target_5XX_Count', 'Sum'),
        threshold: MOST_ERRORS,
        periods: 1,
      },
      {
        id: `${group.id}Slow`,
        what: 'The slowest 1% of requests have taken more than a second for 15 minutes.',
        section: 'answers-are-slow',
        metric: targetMetrics(balancer, group)('TargetResponseTime', 'p99'),
        threshold: 1,
        periods: 3,
      },
    ]),
  ];
}

function rejectAlarm(balancer: WatchedBalancer): ShopAlarm {
  return {
    id: `${balancer.id}BalancerRejects`,
    what: 'The load balancer rejected connections, having reached its maximum.',
    section: 'a-load-balancer-turns-connections-away',
    metric: balancerMetrics(balancer)('RejectedConnectionCount', 'Sum'),
    threshold: 0,
    periods: 1,
  };
}

function unhealthyAlarm(balancer: WatchedBalancer, group: WatchedGroup): ShopAlarm {
  return {
    id: `${group.id}Unhealthy`,
    what: 'A host has failed its health check for 15 minutes and has not been replaced.',
    section: 'a-host-is-unhealthy',
    metric: targetMetrics(balancer, group)('UnHealthyHostCount', 'Minimum'),
    threshold: 0,
    periods: 3,
  };
}

function hostAlarms({ id, name, autoScalingGroupName, size }: WatchedGroup, namespace: string): ShopAlarm[] {
  const ofGroup = groupMetrics('AWS/EC2', autoScalingGroupName);
  const sizes = groupMetrics('AWS/AutoScaling', autoScalingGroupName);
  const alarms: ShopAlarm[] = [
    ...sizeAlarms({ id, size }, (metricName) => sizes(metricName, 'Maximum')),
    {
      id: `${id}Cpu`,
      what: 'The hosts of a group have used more than 80% of their CPU on average for 15 minutes.',
      section: 'a-group-is-busy',
      metric: ofGroup('CPUUtilization'),
      threshold: 80,
      periods: 3,
    },
  ];
  if (size.instanceType.startsWith('t')) {
    alarms.push({
      id: `${id}CpuCredits`,
      what: 'A host has used up its CPU credits and runs on surplus credits, which cost extra.',
      section: 'a-group-is-busy',
      metric: ofGroup('CPUSurplusCreditBalance', 'Maximum'),
      threshold: 0,
      // A boot uses surplus credits for minutes: a new T4g starts without credits.
      periods: 12,
    });
  }
  alarms.push(...processAlarms({ id, name }, namespace));
  // nginx has limits for each client, and none for all.
  if (id !== 'Web') alarms.push(...refusedAlarms(id, name, namespace));
  return alarms;
}

import { HOST_METRICS } from '../../lambda/hosts/host-metrics';
import type { WatchedGroup } from '../compute/tiers';
import { roleMetrics } from './metrics';
import type { ShopAlarm } from './shop-alarm';

/** On metrics that each host reports once a minute, nginx's too. */
export function processAlarms(
  { id, name }: Pick<WatchedGroup, 'id' | 'name'>,
  namespace: string,
): ShopAlarm[] {
  const metric = roleMetrics(namespace, name);
  return [
    {
      id: `${id}Memory`,
      what: 'A host has used more than 90% of its memory for 15 minutes, or no host has reported.',
      section: 'the-memory-of-a-host-is-full',
      metric: metric(HOST_METRICS.memory, 'Maximum'),
      threshold: 90,
      periods: 3,
      silenceIsBad: true,
    },
    {
      id: `${id}Disk`,
      what: 'The root volume of a host is more than 80% full.',
      section: 'the-root-disk-fills-up',
      metric: metric(HOST_METRICS.rootDisk, 'Maximum'),
      threshold: 80,
      periods: 1,
    },
    {
      id: `${id}Restarts`,
      what: 'For two hours some process has always been younger than ten minutes: it restarts again and again.',
      section: 'a-process-restarts-again-and-again',
      metric: metric(HOST_METRICS.uptime, 'Minimum'),
      threshold: 600,
      // A roll-out of the largest group takes forty minutes.
      periods: 24,
      when: 'below',
    },
  ];
}

export function refusedAlarms(id: string, role: string, namespace: string): ShopAlarm[] {
  const metric = roleMetrics(namespace, role);
  return [
    {
      id: `${id}Refused`,
      what: 'More than 1% of the requests have been refused for lack of room for 15 minutes.',
      section: 'requests-are-refused',
      metric: metric(HOST_METRICS.refused),
      threshold: 1,
      // Longer than a group needs to grow (docs/scaling.md): until then, refusals are what protects it.
      periods: 3,
    },
    {
      id: `${id}CriticalRefused`,
      what: 'Confirmations of purchases were refused for lack of room.',
      section: 'requests-are-refused',
      metric: metric(HOST_METRICS.refusedCritical, 'Maximum'),
      threshold: 0,
      periods: 1,
    },
  ];
}

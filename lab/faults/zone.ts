import { processGroups } from '../measure/process-groups';
import { APPS, type Component } from '../servers/components';
import type { LabShop } from '../servers/shop';

/** One nginx has the place of the hosts of all zones, or of all nodes of a balancer: a worker of it is one of them. */
const BY_WORKER: readonly Component[] = ['nginx', 'balancers'];

/**
 * The processes that stand for one of three zones, the worst one: the first of each group of the app, a worker of each
 * nginx, and the database that writes. The standby and the reader are in the others; the cache, S3 and the CDN have none.
 */
export function processesOfAZone(shop: LabShop): number[] {
  const running = shop.processes();
  const groups = processGroups();
  const hosts = [...APPS, 'database' as const].flatMap((component) => (running[component] ?? []).slice(0, 1));
  const workers = BY_WORKER.flatMap((component) =>
    (running[component] ?? []).flatMap((leader) => {
      const [worker] = (groups.get(leader) ?? []).filter((pid) => pid !== leader);
      return worker === undefined ? [] : [worker];
    }),
  );
  return [...hosts, ...workers];
}

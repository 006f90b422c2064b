import { RPC_ROUTES, SERVICE_ROUTES } from '../../../lambda/hosts/service-routes';
import { type AppGroupPlan, type GroupName, groupName } from '../../phases';

/** A rule of a balancer. Both conditions have to be met; an empty one always is. */
export interface Route {
  /** Unique in its balancer, and part of logical ids. */
  readonly id: string;
  readonly priority: number;
  readonly paths: readonly string[];
  readonly methods: readonly string[];
  readonly to: GroupName;
}

/** By AWS, of all conditions of one rule together (rule ELB-13). */
const MOST_VALUES = 5;

const SAFE = ['GET', 'HEAD'] as const;

/** Before all others: calls between services do not pass the balancer of the public API. */
export const refusal = { priority: 1, paths: ['/rpc/*'] } as const;

/** The route of what only reads, to the group of both services, which later is that of inventory. */
export const readsRoute: Route = { id: 'Reads', priority: 10, paths: [], methods: SAFE, to: 'read' };

/**
 * The routes of the app balancer to services beside inventory, to which all other requests go. Their rules come before
 * that of what only reads.
 */
export function serviceRoutes(plans: readonly Pick<AppGroupPlan, 'service'>[]): Route[] {
  return SERVICE_ROUTES.filter((route) => plans.some(({ service }) => service === route.service))
    .flatMap(({ service, paths }) => [
      ...inRules(paths, SAFE).map((some) => ({
        paths: some,
        methods: SAFE,
        service,
        access: 'read' as const,
      })),
      // Unknown methods go to the hosts that may write, as everywhere (decision 0090).
      ...inRules(paths, []).map((some) => ({ paths: some, methods: [], service, access: 'write' as const })),
    ])
    .map(({ service, access, ...conditions }, index) => ({
      ...conditions,
      id: `Service${index + 1}`,
      priority: refusal.priority + 1 + index,
      to: groupName({ service, access }),
    }));
}

/** The routes of the RPC balancer, by the names of calls. */
export const rpcRoutes: readonly Route[] = RPC_ROUTES.flatMap((route) =>
  inRules(route.paths, []).map((paths) => ({ paths, to: groupName(route) })),
).map((route, index) => ({ ...route, id: `Calls${index + 1}`, priority: index + 1, methods: [] }));

/** As many paths in each rule as its methods leave room for. */
function inRules(paths: readonly string[], methods: readonly string[]): string[][] {
  const room = MOST_VALUES - methods.length;
  return Array.from({ length: Math.ceil(paths.length / room) }, (_, index) =>
    paths.slice(index * room, (index + 1) * room),
  );
}

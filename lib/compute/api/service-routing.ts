import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { OTHERWISE } from '../../../lambda/hosts/service-routes';
import type { AppGroupPlan, GroupName } from '../../phases';
import type { AppBalancer } from './app-balancer';
import type { AppGroup } from './app-group';
import { planned } from './group-targets';
import { serviceRoutes } from './routes';

export interface ServiceRoutingOptions {
  readonly balancer: AppBalancer;
  readonly plans: readonly AppGroupPlan[];
  readonly targets: ReadonlyMap<GroupName, ApplicationTargetGroup>;
  /** The groups on hosts. */
  readonly groups: readonly AppGroup[];
}

/**
 * Leads requests to a service once its hosts are healthy. Those of inventory come last in each deploy: in the step that
 * takes the services apart they stop to answer for the other one, and later they call it (decision 0166).
 */
export function routeToServices({ balancer, plans, targets, groups }: ServiceRoutingOptions): void {
  const routes = serviceRoutes(plans);
  if (routes.length === 0) return;
  const inventory = groups.filter(({ plan }) => plan.service === OTHERWISE);
  const others = groups.filter((group) => !inventory.includes(group));
  others.forEach(({ name, targets: own }, index) => {
    balancer.checkHealth(name, FIRST_HEALTH_RULE + index, own);
  });
  for (const route of routes) {
    const rule = balancer.route(route, planned(targets, route.to));
    for (const { fleet } of others) rule.addResourceDependency(fleet.group);
    for (const { fleet } of inventory) fleet.rollAfter(rule);
  }
}

/** After all rules that requests meet. */
const FIRST_HEALTH_RULE = 90;

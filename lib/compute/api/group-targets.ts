import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { type AppGroupPlan, capitalized, type GroupName, groupName } from '../../phases';
import { functionTargets, targets } from '../balancer/targets';
import { isFunctionPlan } from './app-function';
import { appPort } from './app-settings';

/** The targets of each group at one balancer. */
export function groupTargets(
  scope: Construct,
  suffix: 'Targets' | 'RpcTargets',
  plans: readonly AppGroupPlan[],
  vpc: IVpc,
): ReadonlyMap<GroupName, ApplicationTargetGroup> {
  return new Map(
    plans.map((plan) => {
      const id = `${capitalized(groupName(plan))}${suffix}`;
      // Targets of another kind are another resource, so they have an id of their own.
      const created = isFunctionPlan(plan)
        ? functionTargets(scope, `${id}OnLambda`)
        : targets(scope, id, { vpc, port: appPort, chosen: 'least-busy' });
      return [groupName(plan), created];
    }),
  );
}

/** @throws if this phase does not plan it */
export function planned<Key, Value>(values: ReadonlyMap<Key, Value>, key: Key): Value {
  const value = values.get(key);
  if (value === undefined) throw new Error(`No group of this phase has "${key}"`);
  return value;
}

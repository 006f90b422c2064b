import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type ApplicationTargetGroup, ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { GroupName } from '../../phases';
import { Balancer, type BalancerProps } from '../balancer/balancer';
import { listener, notFound } from '../balancer/listener';
import { rpcRoutes } from './routes';

export interface RpcBalancerProps extends BalancerProps {
  readonly certificate: ICertificate;
  readonly targetsOf: (name: GroupName) => ApplicationTargetGroup;
}

/** Takes calls between the services to the hosts that answer them (decision 0165). The firewall says who may call. */
export class RpcBalancer extends Balancer {
  constructor(scope: Construct, id: string, { certificate, targetsOf, ...props }: RpcBalancerProps) {
    super(scope, id, props);
    const calls = listener(this, certificate, { defaultAction: notFound() });
    for (const route of rpcRoutes) {
      calls.addTargetGroups(route.id, {
        priority: route.priority,
        conditions: [ListenerCondition.pathPatterns([...route.paths])],
        targetGroups: [targetsOf(route.to)],
      });
    }
  }
}

import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  type ApplicationListener,
  type ApplicationTargetGroup,
  CfnListenerRule,
  ListenerCondition,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { capitalized, type GroupName } from '../../phases';
import { Balancer, type BalancerProps } from '../balancer/balancer';
import { listener, notFound } from '../balancer/listener';
import { type Route, readsRoute, refusal } from './routes';

export interface AppBalancerProps extends BalancerProps {
  readonly certificate: ICertificate;
  readonly targetsOf: (name: GroupName) => ApplicationTargetGroup;
  /** True if services call each other through a balancer of their own: this one refuses such calls. */
  readonly refusesRpc: boolean;
}

/** Routes requests by method, safe ones to hosts that only read (decision 0090), and by path to services. */
export class AppBalancer extends Balancer {
  private readonly listener: ApplicationListener;

  constructor(
    scope: Construct,
    id: string,
    { certificate, targetsOf, refusesRpc, ...props }: AppBalancerProps,
  ) {
    super(scope, id, props);
    // Unknown methods go to the write hosts: a read host would refuse them.
    this.listener = listener(this, certificate, { defaultTargetGroups: [targetsOf('write')] });
    const { id: reads, priority, methods, to } = readsRoute;
    this.listener.addTargetGroups(reads, {
      priority,
      conditions: [ListenerCondition.httpRequestMethods([...methods])],
      targetGroups: [targetsOf(to)],
    });
    if (refusesRpc) {
      this.listener.addAction('Refused', {
        priority: refusal.priority,
        conditions: [ListenerCondition.pathPatterns([...refusal.paths])],
        action: notFound(),
      });
    }
  }

  /**
   * Has the health of hosts checked that get no requests yet: a balancer checks only targets that a rule leads to. No
   * request comes from the address in this one.
   */
  checkHealth(name: GroupName, priority: number, targets: ApplicationTargetGroup): void {
    this.listener.addTargetGroups(`${capitalized(name)}Known`, {
      priority,
      conditions: [ListenerCondition.sourceIps(['127.0.0.1/32'])],
      targetGroups: [targets],
    });
  }

  /**
   * A rule that is made after the hosts that it leads to, by dependencies of the caller. A construct of the CDK would
   * make the hosts wait for the rule.
   */
  route({ id, priority, paths, methods }: Route, targets: ApplicationTargetGroup): CfnListenerRule {
    return new CfnListenerRule(this, id, {
      listenerArn: this.listener.listenerArn,
      priority,
      conditions: [
        { field: 'path-pattern', pathPatternConfig: { values: [...paths] } },
        ...(methods.length > 0
          ? [{ field: 'http-request-method', httpRequestMethodConfig: { values: [...methods] } }]
          : []),
      ],
      actions: [{ type: 'forward', targetGroupArn: targets.targetGroupArn }],
    });
  }
}

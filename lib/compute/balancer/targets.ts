import { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationProtocol,
  ApplicationTargetGroup,
  Protocol,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';

export interface TargetsOptions {
  readonly vpc: IVpc;
  readonly port: number;
  /**
   * `in-turn`: round robin; a new host gets less for a minute while its cache fills (rule ELB-2).
   * `least-busy`: a slow host gets less. Excludes slow start; the app connects to its database before it listens.
   */
  readonly chosen: 'in-turn' | 'least-busy';
}

/**
 * A function behind a balancer. Its health is not checked, since each check is an invocation. Several cookies of one
 * response are several values of one header.
 */
export function functionTargets(scope: Construct, id: string): ApplicationTargetGroup {
  return new ApplicationTargetGroup(scope, id, {
    targetType: TargetType.LAMBDA,
    multiValueHeadersEnabled: true,
  });
}

/** The hosts behind a balancer, over TLS. The health check is shallow: the process responds (rule ELB-6). */
export function targets(
  scope: Construct,
  id: string,
  { vpc, port, chosen }: TargetsOptions,
): ApplicationTargetGroup {
  return new ApplicationTargetGroup(scope, id, {
    vpc,
    port,
    protocol: ApplicationProtocol.HTTPS,
    targetType: TargetType.INSTANCE,
    // No request takes longer; nginx and Node finish requests in flight within it (rule ELB-1).
    deregistrationDelay: Duration.seconds(30),
    healthCheck: {
      protocol: Protocol.HTTPS,
      path: '/healthz',
      interval: Duration.seconds(10),
      timeout: Duration.seconds(8),
      healthyThresholdCount: 2,
      // A minute: a host that is too busy to respond is not dead, and replacing it adds load to the others.
      unhealthyThresholdCount: 6,
    },
    ...(chosen === 'in-turn'
      ? { slowStart: Duration.seconds(60) }
      : { loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS }),
  });
}

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

export interface TargetsProps {
  readonly vpc: IVpc;
  readonly port: number;
  /**
   * `in-turn`: each host the same, a new one less for a minute while its cache fills (rule L2).
   * `least-busy`: a slow host gets less. AWS has no slow start with it; the app asks its database before it listens.
   */
  readonly chosen: 'in-turn' | 'least-busy';
}

/** The hosts behind a balancer, over TLS. Health is that the process answers, and nothing deeper (rule L6). */
export function targets(
  scope: Construct,
  id: string,
  { vpc, port, chosen }: TargetsProps,
): ApplicationTargetGroup {
  return new ApplicationTargetGroup(scope, id, {
    vpc,
    port,
    protocol: ApplicationProtocol.HTTPS,
    targetType: TargetType.INSTANCE,
    // No request takes longer; nginx and Node finish what they have within it (rule L1).
    deregistrationDelay: Duration.seconds(30),
    healthCheck: {
      protocol: Protocol.HTTPS,
      path: '/healthz',
      interval: Duration.seconds(10),
      timeout: Duration.seconds(8),
      healthyThresholdCount: 2,
      // A minute: a host that is too busy to answer is no dead one, and replacing it adds to the load of the others.
      unhealthyThresholdCount: 6,
    },
    ...(chosen === 'in-turn'
      ? { slowStart: Duration.seconds(60) }
      : { loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS }),
  });
}

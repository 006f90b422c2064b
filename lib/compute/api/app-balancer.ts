import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  ApplicationProtocol,
  type ApplicationTargetGroup,
  ListenerCondition,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { Balancer, type BalancerProps } from '../balancer/balancer';

export interface AppBalancerProps extends BalancerProps {
  readonly certificate: ICertificate;
  readonly read: ApplicationTargetGroup;
  readonly write: ApplicationTargetGroup;
}

/** Sorts requests by what they may do: what cannot change anything goes to who cannot either (decision 0090). */
export class AppBalancer extends Balancer {
  constructor(scope: Construct, id: string, { certificate, read, write, ...props }: AppBalancerProps) {
    super(scope, id, props);
    const listener = this.addListener('Tls', {
      open: false,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [certificate],
      sslPolicy: SslPolicy.RECOMMENDED_TLS,
      // A method that nobody thought of is for who may write: a read server would refuse it all the same.
      defaultTargetGroups: [write],
    });
    listener.addTargetGroups('Reads', {
      priority: 10,
      conditions: [ListenerCondition.httpRequestMethods(['GET', 'HEAD'])],
      targetGroups: [read],
    });
  }
}

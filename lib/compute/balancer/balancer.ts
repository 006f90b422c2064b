import { Duration } from 'aws-cdk-lib';
import { type ISubnet, type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  DesyncMitigationMode,
  type XffHeaderProcessingMode,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

export interface BalancerProps {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
  readonly accessLogs: IBucket;
  /** The key prefix in that bucket. */
  readonly logsPrefix: string;
  /** Handling of X-Forwarded-For. Default: the client's address is appended. */
  readonly forwardedFor?: XffHeaderProcessingMode;
}

/** An internal load balancer over the zones of its subnets. Stateless, so it may be deleted. */
export class Balancer extends ApplicationLoadBalancer {
  constructor(scope: Construct, id: string, props: BalancerProps) {
    // Scoped beside the balancer, since super() needs it. Not mutable: rule ELB-9.
    const group = SecurityGroup.fromSecurityGroupId(scope, `${id}Group`, props.securityGroupId, {
      mutable: false,
    });
    super(scope, id, {
      vpc: props.vpc,
      vpcSubnets: { subnets: [...props.subnets] },
      securityGroup: group,
      internetFacing: false,
      // Shorter than the keep-alive of the targets (rule ELB-3): nginx and Node keep connections for 75 s.
      idleTimeout: Duration.seconds(60),
      dropInvalidHeaderFields: true,
      // Blocks request smuggling; the strictest mode would also refuse requests that are merely unusual.
      desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
      xffHeaderProcessingMode: props.forwardedFor,
      // The app compares it with the Origin of a request.
      preserveHostHeader: true,
      http2Enabled: true,
      deletionProtection: false,
    });
    this.logAccessLogs(props.accessLogs, props.logsPrefix);
  }
}

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
  /** Where in that bucket. */
  readonly logsPrefix: string;
  /** What becomes of X-Forwarded-For. Default: who connects is appended. */
  readonly forwardedFor?: XffHeaderProcessingMode;
}

/** An internal load balancer over the zones of its subnets. It holds nothing, so it may be deleted. */
export class Balancer extends ApplicationLoadBalancer {
  constructor(scope: Construct, id: string, props: BalancerProps) {
    // Beside the balancer, not in it: this is what it is made with. Not mutable: rule L9.
    const group = SecurityGroup.fromSecurityGroupId(scope, `${id}Group`, props.securityGroupId, {
      mutable: false,
    });
    super(scope, id, {
      vpc: props.vpc,
      vpcSubnets: { subnets: [...props.subnets] },
      securityGroup: group,
      internetFacing: false,
      // Shorter than the keep-alive of what is behind it (rule L3): nginx and Node keep connections for 75 s.
      idleTimeout: Duration.seconds(60),
      dropInvalidHeaderFields: true,
      // What can smuggle a request is blocked; the mode above also refuses a header that is merely odd.
      desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
      xffHeaderProcessingMode: props.forwardedFor,
      // The app compares it with where a request says that it is from.
      preserveHostHeader: true,
      http2Enabled: true,
      deletionProtection: false,
    });
    this.logAccessLogs(props.accessLogs, props.logsPrefix);
  }
}

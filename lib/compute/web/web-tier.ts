import { Stack } from 'aws-cdk-lib';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { shopOf } from '../../names';
import type { GroupSize } from '../../phases';
import { targets } from '../balancer/targets';
import { Fleet } from '../fleet/fleet';
import { hostFiles } from '../fleet/host-files';
import { hostRole } from '../fleet/host-role';
import type { TierProps } from '../fleet/tier-props';
import { hostUserData } from '../fleet/user-data';
import { roomSettings } from './room';
import { WebBalancer, type WebBalancerProps } from './web-balancer';

export interface WebTierProps extends TierProps {
  readonly size: GroupSize;
  readonly domain?: WebBalancerProps['domain'];
  /** The DNS name of the app balancer. */
  readonly appBalancer: string;
  /** PEM of its certificate. */
  readonly insideCertificate: string;
}

/** nginx between the CDN and the app: rate limits, short caching, and retries that repeat no write (decision 0093). */
export class WebTier extends Construct {
  readonly balancer: WebBalancer;
  readonly targets: ApplicationTargetGroup;
  readonly fleet: Fleet;

  constructor(scope: Construct, id: string, props: WebTierProps) {
    super(scope, id);
    const { vpc, web: subnets, firewall } = props.network;
    const { region } = Stack.of(this);
    this.targets = targets(this, 'Targets', { vpc, port: 443, chosen: 'in-turn' });
    this.balancer = new WebBalancer(this, 'Balancer', {
      vpc,
      subnets,
      securityGroupId: firewall.groupId('webBalancer'),
      accessLogs: props.accessLogs,
      logsPrefix: 'balancers/web',
      targets: this.targets,
      domain: props.domain,
    });
    const host = new Asset(this, 'HostAsset', { path: hostFiles('web') });
    this.fleet = new Fleet(this, 'Fleet', {
      ...props,
      name: 'web',
      subnets,
      securityGroupId: firewall.groupId('web'),
      role: hostRole(this, 'Role', { assets: host.bucket, log: props.log }),
      userData: hostUserData({
        region,
        environment: {
          ROLE: 'web',
          AWS_REGION: region,
          LOG_GROUP: props.log.logGroupName,
          APP_BALANCER: props.appBalancer,
          LOGGED_READS_PERCENT: String(props.loggedReadsPercent),
          METRICS_NAMESPACE: shopOf(Stack.of(this).stackName),
          ...roomSettings(),
        },
        insideCertificate: props.insideCertificate,
        host: { bucket: host.s3BucketName, key: host.s3ObjectKey },
      }),
      targets: this.targets,
      balancer: this.balancer,
    });
  }
}

import { Stack } from 'aws-cdk-lib';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { acknowledge } from '../../acknowledge';
import type { ManagedDatabase } from '../../data/managed-database';
import type { TierSize } from '../../phases';
import { Fleet } from '../fleet/fleet';
import { hostRole } from '../fleet/host-role';
import type { TierProps } from '../fleet/tier-props';
import { hostUserData } from '../fleet/user-data';
import type { AppBalancer } from './app-balancer';
import { appSettings } from './app-settings';

export interface AppGroupProps extends TierProps {
  readonly role: 'read' | 'write';
  readonly size: TierSize;
  readonly targets: ApplicationTargetGroup;
  readonly balancer: AppBalancer;
  /** PEM. */
  readonly insideCertificate: string;
  readonly database: ManagedDatabase;
  readonly media: IBucket;
  readonly host: Asset;
  readonly release: Asset;
}

/** Application servers of one role. Those that read can read alone: their database users, and no photo in the store. */
export class AppGroup extends Construct {
  readonly targets: ApplicationTargetGroup;
  readonly fleet: Fleet;

  constructor(scope: Construct, id: string, { role: name, host, release, ...props }: AppGroupProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    const role = hostRole(this, 'Role', { assets: host.bucket, log: props.log });
    props.database.grantConnect(role, name === 'read' ? 'reader' : 'app');
    if (name === 'write') grantPhotos(role, props.media);
    this.targets = props.targets;
    this.fleet = new Fleet(this, 'Fleet', {
      ...props,
      name,
      subnets: props.network.app,
      securityGroupId: props.network.firewall.groupId(name),
      role,
      userData: hostUserData({
        region,
        environment: {
          ROLE: name,
          AWS_REGION: region,
          LOG_GROUP: props.log.logGroupName,
          RELEASE_BUCKET: release.s3BucketName,
          RELEASE_KEY: release.s3ObjectKey,
        },
        insideCertificate: props.insideCertificate,
        settings: appSettings(name, {
          region,
          database: props.database,
          mediaBucket: props.media.bucketName,
          appBalancer: props.balancer.loadBalancerDnsName,
        }),
        host: { bucket: host.s3BucketName, key: host.s3ObjectKey },
      }),
    });
  }
}

/** What becomes of photos: brought, made smaller, deleted. */
function grantPhotos(role: Role, media: IBucket): void {
  const allow = (actions: string[], resource: string) =>
    role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
  allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], media.arnForObjects('*'));
  allow(['s3:ListBucket'], media.bucketArn);
  acknowledge(
    role,
    'AwsSolutions-IAM5[Resource::Shop-Data:ExportsOutputFnGetAttContentMedia14FBA27DArn84543EAE/*]',
    'Every photo has a key of its own, made by the app.',
  );
}

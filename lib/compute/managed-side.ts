import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { SETTING } from '../../lambda/shared/settings';
import { acknowledge } from '../acknowledge';
import type { DataStack } from '../data/data-stack';
import { deploymentKeys } from '../data/deployment-keys';

/** The side that the shop's data moves to, for the host that carries it there while it serves. */
export interface ManagedSide {
  /** Settings of the app; none of them is secret. */
  readonly settings: Readonly<Record<string, string>>;
  grantUse(role: Role): void;
}

/** Undefined while everything is on the box. */
export function managedSide({
  region,
  managedDatabase,
  content,
  deployments,
}: DataStack): ManagedSide | undefined {
  if (!managedDatabase || !content) return undefined;
  const { media } = content;
  return {
    settings: {
      AWS_REGION: region,
      [SETTING.managedUsersDatabase]: managedDatabase.url('users'),
      [SETTING.managedInventoryDatabase]: managedDatabase.url('inventory'),
      [SETTING.managedMedia]: `s3://${media.bucketName}`,
      [SETTING.placementBucket]: deployments.bucketName,
      // Not the app's but nginx's: where pages may send what people upload.
      UPLOAD_ORIGIN: `https://${media.bucketRegionalDomainName}`,
    },
    grantUse: (role) => {
      const allow = (actions: string[], resources: string[]) =>
        role.addToPolicy(new PolicyStatement({ actions, resources }));
      const { placement, moveCommand, moveStatus } = deploymentKeys;
      const objects = (...keys: string[]) => keys.map((key) => deployments.arnForObjects(key));
      allow(['s3:GetObject'], objects(placement, moveCommand, moveStatus));
      allow(['s3:PutObject'], objects(placement, moveStatus));
      allow(['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], [media.arnForObjects('*')]);
      allow(['s3:ListBucket'], [media.bucketArn]);
      managedDatabase.grantConnect(role, 'app');
      acknowledge(
        role,
        'AwsSolutions-IAM5[Resource::Shop-Data:ExportsOutputFnGetAttContentMedia14FBA27DArn84543EAE/*]',
        'Every photo has a key of its own, made by the app.',
      );
    },
  };
}

import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { SETTING } from '../../lambda/shared/runtime/settings';
import type { DataStack } from '../data/data-stack';
import { deploymentKeys } from '../names';
import { suppressNag } from '../suppress-nag';

/** The target of the data migration, for the host that migrates the data while it serves. */
export interface MigrationTarget {
  /** The app's environment; it contains no secret. */
  readonly settings: Readonly<Record<string, string>>;
  grantUse(role: Role): void;
}

/** Undefined while all data is on the box. */
export function migrationTarget({
  region,
  managedDatabase,
  content,
  deployments,
}: DataStack): MigrationTarget | undefined {
  if (!managedDatabase || !content) return undefined;
  const { media } = content;
  return {
    settings: {
      AWS_REGION: region,
      [SETTING.managedUsersDatabase]: managedDatabase.url('users'),
      [SETTING.managedInventoryDatabase]: managedDatabase.url('inventory'),
      [SETTING.managedMedia]: `s3://${media.bucketName}`,
      [SETTING.placementBucket]: deployments.bucketName,
      // For nginx, not the app: the origin to which pages may upload.
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
      suppressNag(
        role,
        `AwsSolutions-IAM5[Resource::${Stack.of(media).stackName}:ExportsOutputFnGetAttContentMedia14FBA27DArn84543EAE/*]`,
        'The app generates a separate key for every photo.',
      );
    },
  };
}

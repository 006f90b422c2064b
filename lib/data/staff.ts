import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { deploymentKeys } from '../names';
import { port } from './database';
import { MaintenanceFunction, type MaintenanceProps } from './maintenance-function';
import type { ManagedDatabase } from './managed-database';
import type { UserShards } from './user-shards';

export interface StaffProps extends Omit<MaintenanceProps, 'database' | 'key'> {
  /** The cluster that both services share. */
  readonly shared: ManagedDatabase;
  /** Present once the users may be on a cluster of their own. */
  readonly own?: ManagedDatabase | undefined;
  /** Present once users may be divided. */
  readonly userShards?: UserShards | undefined;
  /** The bucket with the markers and the mailbox of moves. */
  readonly deployments: IBucket;
}

/** Makes a registered person staff. `npm run staff` invokes it, so that no host is needed (decision 0085). */
export class Staff extends Construct {
  readonly function: IFunction;

  constructor(
    scope: Construct,
    id: string,
    { shared, own, userShards, deployments, ...network }: StaffProps,
  ) {
    super(scope, id);
    const secrets = {
      USERS_ACCOUNT: shared.secretArn('app', 'users'),
      ...(own && { OWN_USERS_ACCOUNT: own.secretArn('app', 'users') }),
    };
    const staff = new MaintenanceFunction(this, 'Function', {
      ...network,
      ...{ database: shared.database, key: shared.key, handler: 'staff' },
      timeout: Duration.minutes(1),
      environment: {
        ...secrets,
        ...(own && { OWN_DATABASE: `mysql://${own.database.endpoint}:${port}` }),
        ...userShards?.settings('app'),
        BUCKET: deployments.bucketName,
      },
    });
    const allow = (actions: string[], resources: string[]) =>
      staff.addToRolePolicy(new PolicyStatement({ actions, resources }));
    const { placement, moveCommand, moveStatus, federation } = deploymentKeys;
    allow(['secretsmanager:GetSecretValue'], Object.values(secrets));
    allow(
      ['s3:GetObject'],
      [placement, moveCommand, moveStatus, ...(own ? [federation] : [])].map((key) =>
        deployments.arnForObjects(key),
      ),
    );
    // Without it a missing object would read as "forbidden".
    allow(['s3:ListBucket'], [deployments.bucketArn]);
    userShards?.grantConnect(staff.role as Role, 'app');
    this.function = staff;
  }
}

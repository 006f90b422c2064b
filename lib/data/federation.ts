import { Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { deploymentKeys } from '../names';
import { port } from './database';
import { MaintenanceFunction, type MaintenanceProps } from './maintenance-function';
import type { ManagedDatabase } from './managed-database';

export interface FederationProps extends Omit<MaintenanceProps, 'database' | 'key'> {
  /** The cluster that both services share, and the one of the users. */
  readonly shared: ManagedDatabase;
  readonly own: ManagedDatabase;
  /** The bucket with the marker and the mailbox. */
  readonly deployments: IBucket;
}

/**
 * Moves the users between the clusters, from within the network, where both are reached. `npm run federate` invokes it
 * (decisions 0200 and 0206).
 */
export class Federation extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { shared, own, deployments, ...network }: FederationProps) {
    super(scope, id);
    const secrets = {
      MASTER: shared.database.masterSecretArn,
      USERS_ACCOUNT: shared.secretArn('app', 'users'),
      OWN_MASTER: own.database.masterSecretArn,
      OWN_USERS_ACCOUNT: own.secretArn('app', 'users'),
    };
    const federate = new MaintenanceFunction(this, 'Function', {
      ...network,
      ...{ database: shared.database, key: shared.key, handler: 'federation' },
      // The longest; a command that needs more goes on in the next call.
      timeout: Duration.minutes(15),
      memoryMegabytes: 1024,
      environment: {
        ...secrets,
        OWN_DATABASE: `mysql://${own.database.endpoint}:${port}`,
        BUCKET: deployments.bucketName,
      },
      retryAttempts: 0,
    });
    const allow = (actions: string[], resources: string[]) =>
      federate.addToRolePolicy(new PolicyStatement({ actions, resources }));
    const { federation, federationCommand, federationStatus } = deploymentKeys;
    const objects = (...keys: string[]) => keys.map((key) => deployments.arnForObjects(key));
    allow(['secretsmanager:GetSecretValue'], Object.values(secrets));
    allow(['s3:GetObject'], objects(federation, federationCommand, federationStatus));
    allow(['s3:PutObject'], objects(federation, federationStatus));
    // Without it a missing object would read as "forbidden".
    allow(['s3:ListBucket'], [deployments.bucketArn]);
    this.function = federate;
  }
}

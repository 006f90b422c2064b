import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Home } from '../../lambda/data-migration/federation/home';
import { deploymentKeys } from '../names';
import { MaintenanceFunction, type MaintenanceProps } from './maintenance-function';
import { type SchemaName, schemasFingerprint, schemasOf } from './schemas';

/** One user's secret for each schema of a cluster. */
export type Secrets = Readonly<Partial<Record<SchemaName, ISecret>>>;

export interface MigrationsProps extends MaintenanceProps {
  readonly accounts: Secrets;
  /** Needed once there are read-only servers. */
  readonly readers?: Secrets | undefined;
  /** Needed once the users may be on another cluster. */
  readonly marker?: UsersMarker | undefined;
}

/** The bucket with the marker that says where the users are, and the name that this cluster has there. */
export interface UsersMarker {
  readonly bucket: IBucket;
  readonly home: Home;
}

/**
 * Migrates schemas, tables and accounts of the database whenever their definition changes, before the release that
 * needs it (decision 0021). A failure fails the deploy.
 */
export class Migrations extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { accounts, readers, marker, ...props }: MigrationsProps) {
    super(scope, id);
    const master = props.database.masterSecretArn;
    const secrets = { ...settings(accounts, 'ACCOUNT'), ...(readers && settings(readers, 'READER')) };
    const migrate = new MaintenanceFunction(this, 'Function', {
      ...props,
      handler: 'migrations',
      timeout: Duration.minutes(15),
      environment: {
        MASTER: master,
        ...secrets,
        ...(marker && { FEDERATION_BUCKET: marker.bucket.bucketName, FEDERATION_HOME: marker.home }),
      },
    });
    migrate.addToRolePolicy(
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [master, ...Object.values(secrets)],
      }),
    );
    if (marker) {
      const allow = (actions: string[], resource: string) =>
        migrate.addToRolePolicy(new PolicyStatement({ actions, resources: [resource] }));
      allow(['s3:GetObject'], marker.bucket.arnForObjects(deploymentKeys.federation));
      // Without it a missing object would read as "forbidden".
      allow(['s3:ListBucket'], marker.bucket.bucketArn);
    }
    const names = schemasOf('all').filter((name) => accounts[name]);
    const done = new CustomResource(this, 'Done', {
      resourceType: 'Custom::Migrations',
      serviceToken: migrate.functionArn,
      serviceTimeout: Duration.minutes(16),
      properties: { Schemas: schemasFingerprint({ readers: readers !== undefined, names }) },
    });
    done.node.addDependency(props.database.writer);
    this.function = migrate;
  }
}

/** ARNs by the names of environment variables: `USERS_ACCOUNT`. */
const settings = (secrets: Secrets, suffix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(secrets).map(([name, { secretArn }]) => [`${name.toUpperCase()}_${suffix}`, secretArn]),
  );

import { Duration, Names, RemovalPolicy } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ISubnet } from 'aws-cdk-lib/aws-ec2';
import { CompositePrincipal, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnNamespace, CfnWorkgroup } from 'aws-cdk-lib/aws-redshiftserverless';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { WarehousePlan } from '../../phases';

export interface RedshiftProps {
  readonly plan: WarehousePlan;
  readonly key: IKey;
  /** At least two zones. Only its own machinery stands there: nothing of the VPC connects to it. */
  readonly subnets: readonly ISubnet[];
  readonly securityGroupId: string;
  readonly bucket: IBucket;
}

/** The name of the database in the warehouse. */
const DATABASE = 'archive';
/** A statement that runs longer is ended: decision 0186 says what it can cost until then. */
const LONGEST_STATEMENT = Duration.hours(1);
/** AWS allows so many characters. */
const LONGEST_NAME = 64;
/** A variable of IAM. */
const ownUserId = ['$', '{aws:userid}'].join('');

/**
 * Redshift Serverless: nothing is paid while it rests. Statements come through the Data API, by IAM, so no port is open
 * and no password is used (decision 0195).
 */
export class Redshift extends Construct {
  readonly database = DATABASE;
  readonly workgroup: CfnWorkgroup;
  /** By it COPY reads the bucket. */
  readonly loadRole: Role;

  constructor(scope: Construct, id: string, { plan, key, subnets, securityGroupId, bucket }: RedshiftProps) {
    super(scope, id);
    this.loadRole = new Role(this, 'LoadRole', {
      assumedBy: new CompositePrincipal(
        new ServicePrincipal('redshift.amazonaws.com'),
        new ServicePrincipal('redshift-serverless.amazonaws.com'),
      ),
    });
    this.loadRole.addToPolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects('batches/*')] }),
    );
    this.loadRole.addToPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
    );
    // AWS requires a name, and replaces what has another one (rule CDK-3).
    const name = Names.uniqueResourceName(this, { maxLength: LONGEST_NAME, separator: '-' }).toLowerCase();
    const namespace = new CfnNamespace(this, 'Namespace', {
      namespaceName: name,
      dbName: DATABASE,
      manageAdminPassword: true,
      adminUsername: 'archive_admin',
      adminPasswordSecretKmsKeyId: key.keyId,
      kmsKeyId: key.keyArn,
      iamRoles: [this.loadRole.roleArn],
      logExports: ['userlog', 'connectionlog', 'useractivitylog'],
    });
    namespace.applyRemovalPolicy(RemovalPolicy.RETAIN);
    this.workgroup = new CfnWorkgroup(this, 'Workgroup', {
      workgroupName: name,
      namespaceName: namespace.namespaceName,
      baseCapacity: plan.capacity.base,
      maxCapacity: plan.capacity.max,
      publiclyAccessible: false,
      enhancedVpcRouting: false,
      subnetIds: subnets.map(({ subnetId }) => subnetId),
      securityGroupIds: [securityGroupId],
      configParameters: [
        { parameterKey: 'require_ssl', parameterValue: 'true' },
        {
          parameterKey: 'max_query_execution_time',
          parameterValue: String(LONGEST_STATEMENT.toSeconds()),
        },
      ],
    });
    this.workgroup.addResourceDependency(namespace);
    this.workgroup.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }

  /** Seconds of all units, paid or to be paid; AWS publishes them for each half hour. */
  metricComputeSeconds(props?: MetricOptions): Metric {
    return new Metric({
      namespace: 'AWS/Redshift-Serverless',
      metricName: 'ComputeSeconds',
      dimensionsMap: { Workgroup: this.workgroup.attrWorkgroupWorkgroupName },
      ...props,
    });
  }

  /** Lets a role run statements, and see those of its own. */
  grantStatements(role: Role): void {
    const arn = this.workgroup.attrWorkgroupWorkgroupArn;
    role.addToPolicy(
      new PolicyStatement({
        actions: [
          'redshift-data:BatchExecuteStatement',
          'redshift-data:ExecuteStatement',
          'redshift-serverless:GetCredentials',
        ],
        resources: [arn],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: [
          'redshift-data:DescribeStatement',
          'redshift-data:GetStatementResult',
          'redshift-data:ListStatements',
        ],
        // These have no resource; each sees its own statements alone.
        resources: ['*'],
        conditions: { StringEquals: { 'redshift-data:statement-owner-iam-userid': ownUserId } },
      }),
    );
  }
}

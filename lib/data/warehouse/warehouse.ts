import { Duration, RemovalPolicy, Stack, TimeZone } from 'aws-cdk-lib';
import type { ISubnet } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { WarehousePlan } from '../../phases';
import { ShopFunction } from '../../shop-function';
import { suppressNag } from '../../suppress-nag';
import { MaintenanceFunction, type MaintenanceProps } from '../maintenance-function';
import { Redshift } from './redshift';

export interface WarehouseProps extends MaintenanceProps {
  readonly plan: WarehousePlan;
  /** Of the warehouse's own interfaces. */
  readonly warehouseSubnets: readonly ISubnet[];
  readonly warehouseGroupId: string;
  readonly accessLogs: IBucket;
}

/** Files are kept for so long after they were written: until then a load can be repeated. */
const FILES_KEPT = Duration.days(35);
const TIMEOUT = Duration.minutes(15);

/**
 * The other half of the history: a bucket between the database and Redshift, a function on each side of it, and the
 * hours in which they run (decisions 0192 and 0195).
 */
export class Warehouse extends Construct {
  readonly archiveFunction: IFunction;
  readonly loadFunction: IFunction;
  readonly redshift: Redshift;
  readonly plan: WarehousePlan;
  /** Calls that were given up. */
  readonly undelivered: Queue;

  constructor(
    scope: Construct,
    id: string,
    { plan, warehouseSubnets, warehouseGroupId, accessLogs, ...props }: WarehouseProps,
  ) {
    super(scope, id);
    const bucket = new Bucket(this, 'Files', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: RemovalPolicy.RETAIN,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'warehouse/',
      lifecycleRules: [{ id: 'Loaded', prefix: 'batches/', expiration: FILES_KEPT }],
    });
    const redshift = new Redshift(this, 'Redshift', {
      ...{ plan, key: props.key, bucket, securityGroupId: warehouseGroupId },
      subnets: warehouseSubnets,
    });
    this.undelivered = new Queue(this, 'Undelivered', {
      retentionPeriod: Duration.days(14),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    suppressNag(this.undelivered, 'AwsSolutions-SQS3', 'It is itself the queue of what failed.');
    const archive = this.createArchive(props, plan, bucket);
    const load = this.createLoad(redshift, bucket);
    for (const fn of [archive, load])
      fn.configureAsyncInvoke({ retryAttempts: 1, onFailure: new SqsDestination(this.undelivered) });
    // In turn, so that what was exported is loaded in the same night.
    this.schedule('Export', archive, { call: 'advance' }, `0/20 ${plan.hours} * * ? *`, plan.timeZone);
    this.schedule('Load', load, { call: 'load' }, `10/20 ${plan.hours} * * ? *`, plan.timeZone);
    this.archiveFunction = archive;
    this.loadFunction = load;
    this.redshift = redshift;
    this.plan = plan;
  }

  private createArchive(props: MaintenanceProps, { keptMonths }: WarehousePlan, bucket: Bucket) {
    const master = props.database.masterSecretArn;
    const archive = new MaintenanceFunction(this, 'Archive', {
      ...props,
      handler: 'archive',
      timeout: TIMEOUT,
      memoryMegabytes: 1024,
      environment: { MASTER: master, BUCKET: bucket.bucketName, KEPT_MONTHS: String(keptMonths) },
    });
    const allow = (actions: string[], resources: string[]) =>
      archive.addToRolePolicy(new PolicyStatement({ actions, resources }));
    allow(['secretsmanager:GetSecretValue'], [master]);
    allow(
      ['s3:PutObject'],
      ['batches/*', 'manifests/*'].map((key) => bucket.arnForObjects(key)),
    );
    allow(['s3:GetObject'], [bucket.arnForObjects('receipts/*')]);
    // Without it a missing receipt would read as "forbidden".
    allow(['s3:ListBucket'], [bucket.bucketArn]);
    this.acknowledgeKeys(archive.role as Role, bucket, ['batches', 'manifests', 'receipts']);
    return archive;
  }

  private createLoad(redshift: Redshift, bucket: Bucket) {
    const load = new ShopFunction(this, 'Load', {
      handler: 'warehouseLoad',
      timeout: TIMEOUT,
      environment: {
        WORKGROUP: redshift.workgroup.workgroupName,
        WAREHOUSE: redshift.database,
        BUCKET: bucket.bucketName,
        LOAD_ROLE: redshift.loadRole.roleArn,
      },
    });
    const allow = (actions: string[], resources: string[]) =>
      load.addToRolePolicy(new PolicyStatement({ actions, resources }));
    allow(['s3:GetObject'], [bucket.arnForObjects('manifests/*')]);
    allow(['s3:PutObject'], [bucket.arnForObjects('receipts/*')]);
    allow(['s3:ListBucket'], [bucket.bucketArn]);
    redshift.grantStatements(load.role as Role);
    this.acknowledgeKeys(load.role as Role, bucket, ['manifests', 'receipts']);
    this.acknowledgeKeys(redshift.loadRole, bucket, ['batches']);
    suppressNag(
      load.role as Role,
      'AwsSolutions-IAM5[Resource::*]',
      'Statements have no resource; the condition narrows them to those of the role itself.',
    );
    return load;
  }

  private schedule(name: string, fn: IFunction, input: object, cron: string, timeZone: string): void {
    const role = new Role(this, `${name}Scheduler`, {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com'),
    });
    new Schedule(this, `${name}Schedule`, {
      description: `The warehouse: ${name.toLowerCase()}`,
      schedule: ScheduleExpression.expression(`cron(${cron})`, TimeZone.of(timeZone)),
      target: new LambdaInvoke(fn, {
        role,
        input: ScheduleTargetInput.fromObject(input),
        retryAttempts: 2,
        maxEventAge: Duration.minutes(15),
        deadLetterQueue: this.undelivered,
      }),
    });
    const logicalId = Stack.of(this).getLogicalId(fn.node.defaultChild as CfnFunction);
    suppressNag(
      role,
      `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>:*]`,
      'Its versions and aliases, of which it has none: the CDK allows them with the function.',
    );
  }

  private acknowledgeKeys(role: Role, bucket: Bucket, prefixes: readonly string[]): void {
    const logicalId = Stack.of(this).getLogicalId(bucket.node.defaultChild as CfnBucket);
    for (const prefix of prefixes)
      suppressNag(
        role,
        `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/${prefix}/*]`,
        'Each batch has a key of its own.',
      );
  }
}

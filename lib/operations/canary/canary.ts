import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  Code,
  Runtime,
  RuntimeFamily,
  Schedule,
  Canary as SyntheticsCanary,
  Test,
} from 'aws-cdk-lib/aws-synthetics';
import { Construct } from 'constructs';
import { bundle } from '../../bundle';
import { suppressNag } from '../../suppress-nag';
import type { ShopAlarm } from '../shop-alarm';
import { CANARY_RUNTIME } from './runtimes';

const INTERVAL = Duration.minutes(5);
const KEPT = Duration.days(31);

/** A shopper from outside of the VPC, every five minutes, at the public name (decision 0148). */
export class Canary extends Construct {
  readonly alarms: readonly ShopAlarm[];

  constructor(scope: Construct, id: string, url: string) {
    super(scope, id);
    const password = new Secret(this, 'Password', {
      description: 'The password of the canary, which makes its account itself',
      removalPolicy: RemovalPolicy.DESTROY,
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'password',
        passwordLength: 40,
        excludePunctuation: true,
      },
    });
    suppressNag(
      password,
      'AwsSolutions-SMG4',
      'It opens an account without rights; a new one makes a new account.',
    );
    const runs = new Bucket(this, 'Runs', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ id: 'Expire', expiration: KEPT }],
    });
    suppressNag(
      runs,
      'AwsSolutions-S1',
      'It holds nothing but the logs of runs, which only Synthetics writes.',
    );
    const canary = new SyntheticsCanary(this, 'Canary', {
      runtime: new Runtime(CANARY_RUNTIME, RuntimeFamily.NODEJS),
      test: Test.custom({ code: Code.fromAsset(bundle().handler('canary')), handler: 'index.handler' }),
      schedule: Schedule.rate(INTERVAL),
      timeout: Duration.minutes(1),
      role: this.role(runs, password),
      artifactsBucketLocation: { bucket: runs },
      environmentVariables: { SHOP_URL: url, SECRET: password.secretArn },
      provisionedResourceCleanup: true,
      successRetentionPeriod: KEPT,
      failureRetentionPeriod: KEPT,
    });
    this.alarms = [
      {
        id: 'CanaryFails',
        what: 'A shopper from outside could not browse, log in or reserve, twice in a row, or none came.',
        section: 'the-canary-fails',
        metric: canary.metricSuccessPercent({ period: INTERVAL, statistic: 'Minimum' }),
        threshold: 100,
        periods: 2,
        when: 'below',
        silenceIsBad: true,
      },
    ];
  }

  /** It may write no log: that of a run is in the bucket, and a group that Lambda makes would never end. */
  private role(runs: Bucket, password: Secret): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [runs.arnForObjects('*')] }),
    );
    role.addToPolicy(new PolicyStatement({ actions: ['s3:GetBucketLocation'], resources: [runs.bucketArn] }));
    role.addToPolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': 'CloudWatchSynthetics' } },
      }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [password.secretArn] }),
    );
    const runsId = Stack.of(this).getLogicalId(runs.node.defaultChild as CfnBucket);
    suppressNag(
      role,
      `AwsSolutions-IAM5[Resource::<${runsId}.Arn>/*]`,
      'Synthetics chooses the names of what it stores.',
    );
    suppressNag(
      role,
      'AwsSolutions-IAM5[Resource::*]',
      'Metrics have no resource; the namespace narrows it.',
    );
    return role;
  }
}

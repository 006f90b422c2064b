import { Aws, Stack } from 'aws-cdk-lib';
import { CfnVPCEndpoint, type ISubnet, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { AnyPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { secretsPolicy } from './secrets-policy';

export interface EndpointsProps {
  readonly vpc: IVpc;
  /** Route tables whose subnets reach S3 through the gateway endpoint. */
  readonly routeTables: string[];
  readonly logs: InterfaceEndpoint;
  /** Needed once the passwords of the database are in Secrets Manager. */
  readonly secrets?: InterfaceEndpoint;
  /** Needed once photos have workers: SQS, and with it a gateway to DynamoDB. */
  readonly queue?: InterfaceEndpoint;
}

interface InterfaceEndpoint {
  /** One per zone that must reach the endpoint while another zone is down: each zone is billed. */
  readonly subnets: readonly ISubnet[];
  readonly groupId: string;
}

/**
 * The only ways out: S3 and DynamoDB (free), CloudWatch Logs, Secrets Manager and SQS (7.30 USD a month and zone each). Metrics are log
 * lines (EMF). KMS needs no endpoint: Secrets Manager decrypts for principals that may read the secret.
 */
export class Endpoints extends Construct {
  constructor(scope: Construct, id: string, props: EndpointsProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    new CfnVPCEndpoint(this, 'S3', {
      vpcId: props.vpc.vpcId,
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: 'Gateway',
      routeTableIds: props.routeTables,
      policyDocument: s3Policy(region, props.secrets !== undefined),
    });
    new CfnVPCEndpoint(this, 'Logs', {
      vpcId: props.vpc.vpcId,
      serviceName: `com.amazonaws.${region}.logs`,
      vpcEndpointType: 'Interface',
      privateDnsEnabled: true,
      subnetIds: props.logs.subnets.map(({ subnetId }) => subnetId),
      securityGroupIds: [props.logs.groupId],
      policyDocument: logsPolicy(),
    });
    if (props.secrets) {
      new CfnVPCEndpoint(this, 'Secrets', {
        vpcId: props.vpc.vpcId,
        serviceName: `com.amazonaws.${region}.secretsmanager`,
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
        subnetIds: props.secrets.subnets.map(({ subnetId }) => subnetId),
        securityGroupIds: [props.secrets.groupId],
        policyDocument: secretsPolicy(),
      });
    }
    if (props.queue) {
      new CfnVPCEndpoint(this, 'DynamoDb', {
        vpcId: props.vpc.vpcId,
        serviceName: `com.amazonaws.${region}.dynamodb`,
        vpcEndpointType: 'Gateway',
        routeTableIds: props.routeTables,
        policyDocument: accountPolicy('dynamodb:*', 'dynamodb', 'table/*'),
      });
      new CfnVPCEndpoint(this, 'Queue', {
        vpcId: props.vpc.vpcId,
        serviceName: `com.amazonaws.${region}.sqs`,
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
        subnetIds: props.queue.subnets.map(({ subnetId }) => subnetId),
        securityGroupIds: [props.queue.groupId],
        policyDocument: accountPolicy('sqs:*', 'sqs', '*'),
      });
    }
  }
}

/**
 * Limits access to buckets of this account, since the buckets are in stacks that depend on this one. Roles decide
 * which of them a host may use; this policy prevents exfiltration to foreign buckets.
 */
function s3Policy(region: string, functionsInside: boolean): PolicyDocument {
  return new PolicyDocument({
    statements: [
      // Functions in the VPC respond to CloudFormation with a presigned PUT. The bucket name is documented.
      ...(functionsInside
        ? [
            new PolicyStatement({
              sid: 'AnswersToCloudFormation',
              principals: [new AnyPrincipal()],
              actions: ['s3:PutObject'],
              resources: [
                `arn:${Aws.PARTITION}:s3:::cloudformation-custom-resource-response-${region.replaceAll('-', '')}/*`,
              ],
            }),
          ]
        : []),
      new PolicyStatement({
        sid: 'BucketsOfThisAccount',
        principals: [new AnyPrincipal()],
        actions: ['s3:*'],
        resources: ['*'],
        conditions: {
          StringEquals: { 'aws:ResourceAccount': Aws.ACCOUNT_ID, 'aws:PrincipalAccount': Aws.ACCOUNT_ID },
        },
      }),
      // dnf does not sign its requests, so they have no principal. The bucket name is in the AL2023 user guide.
      new PolicyStatement({
        sid: 'AmazonLinuxPackages',
        principals: [new AnyPrincipal()],
        actions: ['s3:GetObject'],
        resources: [`arn:${Aws.PARTITION}:s3:::al2023-repos-${region}-de612dc2/*`],
      }),
    ],
  });
}

/** Allows the account's own resources to principals of the account: roles decide the rest. */
function accountPolicy(action: string, service: string, resource: string): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: [action],
        resources: [`arn:${Aws.PARTITION}:${service}:*:${Aws.ACCOUNT_ID}:${resource}`],
        conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } },
      }),
    ],
  });
}

function logsPolicy(): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        principals: [new AnyPrincipal()],
        actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
        resources: [`arn:${Aws.PARTITION}:logs:*:${Aws.ACCOUNT_ID}:log-group:*`],
        conditions: { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } },
      }),
    ],
  });
}

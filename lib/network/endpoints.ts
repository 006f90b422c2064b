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
  /** Once there is a database whose passwords are in Secrets Manager. */
  readonly secrets?: InterfaceEndpoint;
}

interface InterfaceEndpoint {
  /** One for each zone that must reach it when another one is down: an interface endpoint is paid for by the zone. */
  readonly subnets: readonly ISubnet[];
  readonly groupId: string;
}

/**
 * The only ways out: S3 (free), CloudWatch Logs and Secrets Manager (7.30 USD a month and zone each). Metrics travel as log lines
 * (EMF). KMS needs none: Secrets Manager decrypts for who may read the secret.
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
  }
}

/**
 * Named by account, not by bucket: the buckets are in stacks that need this one. Which of them a host may use is for
 * its role to say; this policy says that nothing can be carried to a bucket of somebody else.
 */
function s3Policy(region: string, functionsInside: boolean): PolicyDocument {
  return new PolicyDocument({
    statements: [
      // A function in the VPC answers a custom resource with a PUT that CloudFormation signed. The name is documented.
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
      // dnf does not sign its requests, so there is no principal to ask for. The name is in the AL2023 user guide.
      new PolicyStatement({
        sid: 'AmazonLinuxPackages',
        principals: [new AnyPrincipal()],
        actions: ['s3:GetObject'],
        resources: [`arn:${Aws.PARTITION}:s3:::al2023-repos-${region}-de612dc2/*`],
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

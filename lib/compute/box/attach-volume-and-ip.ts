import { Duration, Stack } from 'aws-cdk-lib';
import type { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ShopFunction } from '../../shop-function';
import { suppressNag } from '../../suppress-nag';

export interface AttachVolumeAndIpProps {
  readonly volumeId: string;
  readonly addressAllocationId: string;
  /** The tag of the instances and network interfaces that may claim. */
  readonly instanceTag: { readonly key: string; readonly value: string };
}

/**
 * Gives every new instance of the group the data volume and the Elastic IP before it is in service (decision 0010).
 * The function runs outside of the VPC, so that the box needs neither EC2 permissions nor an EC2 endpoint.
 */
export class AttachVolumeAndIp extends Construct {
  /** Part of the group: a separate hook resource would be created after the first launch. */
  readonly hook: CfnAutoScalingGroup.LifecycleHookSpecificationProperty;
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: AttachVolumeAndIpProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    this.hook = {
      // The rule cannot reference the group, which depends on it; a stack's name is unique in its region.
      lifecycleHookName: `${stackName}-claim`,
      lifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      heartbeatTimeout: Duration.minutes(15).toSeconds(),
      defaultResult: 'ABANDON',
    };
    const claim = new ShopFunction(this, 'Function', {
      handler: 'claim',
      timeout: Duration.minutes(14),
      // The group itself retries, with a new instance.
      retryAttempts: 0,
      environment: { VOLUME_ID: props.volumeId, ALLOCATION_ID: props.addressAllocationId },
    });
    for (const statement of this.permissions(props)) claim.addToRolePolicy(statement);
    this.acknowledgeWildcards();
    new Rule(this, 'Launching', {
      description: 'A new box waits for its address and its data',
      eventPattern: {
        source: ['aws.autoscaling'],
        detailType: ['EC2 Instance-launch Lifecycle Action'],
        detail: { LifecycleHookName: [this.hook.lifecycleHookName] },
      },
      targets: [new LambdaFunction(claim, { retryAttempts: 2, maxEventAge: Duration.minutes(5) })],
    });
    this.function = claim;
  }

  private acknowledgeWildcards(): void {
    const { region, stackName } = Stack.of(this);
    const arn = (service: string) => `arn:aws:${service}:${region}:<AWS::AccountId>`;
    for (const [resource, reason] of [
      ['*', 'DescribeVolumes has no resource-level permissions.'],
      [
        `${arn('ec2')}:instance/*`,
        'Instances come and go; narrowed by the tag that the launch template sets.',
      ],
      [`${arn('ec2')}:network-interface/*`, 'As for instances: narrowed by the tag.'],
      [
        `${arn('autoscaling')}:autoScalingGroup:*:autoScalingGroupName/${stackName}-*`,
        'The group depends on this function, so its generated name is unknown here; narrowed by the name of the stack.',
      ],
    ]) {
      suppressNag(this, `AwsSolutions-IAM5[Resource::${resource}]`, reason as string);
    }
  }

  private permissions({
    volumeId,
    addressAllocationId,
    instanceTag,
  }: AttachVolumeAndIpProps): PolicyStatement[] {
    const stack = Stack.of(this);
    const ec2 = (resource: string) =>
      `arn:${stack.partition}:ec2:${stack.region}:${stack.account}:${resource}`;
    const actions = ['ec2:AttachVolume', 'ec2:AssociateAddress'];
    return [
      new PolicyStatement({
        actions,
        resources: [ec2(`volume/${volumeId}`), ec2(`elastic-ip/${addressAllocationId}`)],
      }),
      new PolicyStatement({
        actions,
        resources: [ec2('instance/*'), ec2('network-interface/*')],
        conditions: { StringEquals: { [`aws:ResourceTag/${instanceTag.key}`]: instanceTag.value } },
      }),
      new PolicyStatement({ actions: ['ec2:DescribeVolumes'], resources: ['*'] }),
      new PolicyStatement({
        actions: ['autoscaling:CompleteLifecycleAction'],
        resources: [
          `arn:${stack.partition}:autoscaling:${stack.region}:${stack.account}:autoScalingGroup:*:autoScalingGroupName/${stack.stackName}-*`,
        ],
      }),
    ];
  }
}

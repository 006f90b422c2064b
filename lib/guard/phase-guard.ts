import { Aws, type CfnResource, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { deploymentKeys, shopOf, stackName } from '../names';
import type { Zones } from '../network/zones';
import type { Phase } from '../phases';
import { ShopFunction } from '../shop-function';
import { suppressNag } from '../suppress-nag';

export interface PhaseGuardProps {
  readonly phase: number;
  readonly requires: Phase['requires'];
  readonly zones: Zones;
  /** True if the data can move to another place, and a marker names the present one. */
  readonly hasMarker: boolean;
  /** The number of clusters of users. Absent while they share one with the rest. */
  readonly userShards?: number | undefined;
}

/**
 * Records the deployed phase in the first stack, and stops a deploy that goes down, skips a phase, comes too early
 * (rule CDK-12), names other zones (rule CDK-17) or leaves out clusters that have users (decision 0208).
 */
export class PhaseGuard extends Construct {
  /** Complete once the guard has agreed. */
  readonly agreed: CfnResource;
  private readonly dataStack = stackName(shopOf(Stack.of(this).stackName), 'Data');

  constructor(
    scope: Construct,
    id: string,
    { phase, requires, zones, hasMarker, userShards }: PhaseGuardProps,
  ) {
    super(scope, id);
    const guard = new ShopFunction(this, 'Function', { handler: 'guard', timeout: Duration.minutes(1) });
    guard.addToRolePolicy(
      new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [Aws.STACK_ID] }),
    );
    guard.addToRolePolicy(new PolicyStatement({ actions: ['ec2:DescribeSubnets'], resources: ['*'] }));
    suppressNag(this, 'AwsSolutions-IAM5[Resource::*]', 'Describing subnets has no resource to narrow to.');
    // Also in a phase that requires nothing: if the deploy of the next one fails, this guard opens the way back.
    if (hasMarker) this.allowMarker(guard);
    if (userShards) this.allowShards(guard);
    const agreed = new CustomResource(this, 'Phase', {
      resourceType: 'Custom::PhaseGuard',
      serviceToken: guard.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: {
        Phase: String(phase),
        Zones: zones.join(','),
        ...(requires === 'data-moved' && { MarkerIn: this.dataStack }),
        ...(userShards && { UserShards: String(userShards), UserShardsIn: this.dataStack }),
      },
    });
    this.agreed = agreed.node.defaultChild as CfnResource;
  }

  /** By the pattern of the function's generated name, for the same reason. */
  private allowShards(guard: ShopFunction): void {
    const { dataStack } = this;
    const { partition, region, account } = Stack.of(this);
    const name = `${dataStack}-UserShardsMover*`;
    guard.addToRolePolicy(
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [`arn:${partition}:lambda:${region}:${account}:function:${name}`],
      }),
    );
    suppressNag(
      this,
      `AwsSolutions-IAM5[Resource::arn:aws:lambda:${region}:<AWS::AccountId>:function:${name}]`,
      'CloudFormation generates the end of the name; its stack is created after this one.',
    );
  }

  /** By the pattern of the bucket's generated name: the stack of the bucket depends on this one. */
  private allowMarker(guard: ShopFunction): void {
    const { dataStack } = this;
    const { partition, region, account } = Stack.of(this);
    const bucket = `arn:${partition}:s3:::${dataStack.toLowerCase()}-deployments*`;
    const stack = `arn:${partition}:cloudformation:${region}:${account}:stack/${dataStack}/*`;
    const marker = `${bucket}/${deploymentKeys.placement}`;
    const allow = (actions: string[], resources: string[]) =>
      guard.addToRolePolicy(new PolicyStatement({ actions, resources }));
    allow(['cloudformation:DescribeStacks'], [stack]);
    allow(['s3:GetObject', 's3:PutObject'], [marker]);
    allow(['s3:ListBucket'], [bucket]);
    for (const resource of [
      `arn:aws:cloudformation:${region}:<AWS::AccountId>:stack/${dataStack}/*`,
      `arn:aws:s3:::${dataStack.toLowerCase()}-deployments*/${deploymentKeys.placement}`,
      `arn:aws:s3:::${dataStack.toLowerCase()}-deployments*`,
    ]) {
      suppressNag(
        this,
        `AwsSolutions-IAM5[Resource::${resource}]`,
        'CloudFormation generates the end of the names; their stack is created after this one.',
      );
    }
  }
}

import { Aws, CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import { deploymentKeys } from '../data/deployment-keys';
import { ShopFunction } from '../function';
import type { Phase } from '../phases';

export interface PhaseGuardProps {
  readonly phase: number;
  readonly requires: Phase['requires'];
  /** Whether the data has a place that can change, and a marker that says which. */
  readonly hasMarker: boolean;
}

/** Remembers the deployed phase in the first stack, and stops a deploy that goes down, skips, or comes too early (rule C12). */
export class PhaseGuard extends Construct {
  constructor(scope: Construct, id: string, { phase, requires, hasMarker }: PhaseGuardProps) {
    super(scope, id);
    const guard = new ShopFunction(this, 'Function', { handler: 'guard', timeout: Duration.minutes(1) });
    guard.addToRolePolicy(
      new PolicyStatement({ actions: ['cloudformation:DescribeStacks'], resources: [Aws.STACK_ID] }),
    );
    // Also in a phase that requires nothing: when the deploy of the next one fails, this one's guard opens the way back.
    if (hasMarker) this.allowMarker(guard);
    new CustomResource(this, 'Phase', {
      resourceType: 'Custom::PhaseGuard',
      serviceToken: guard.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: { Phase: String(phase), ...(requires === 'data-moved' && { MarkerIn: dataStack }) },
    });
  }

  /** By the bucket's name as CloudFormation makes it: the stack that has it needs this one. */
  private allowMarker(guard: ShopFunction): void {
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
      acknowledge(
        this,
        `AwsSolutions-IAM5[Resource::${resource}]`,
        'Names end as CloudFormation likes; the stack that has them is made after this one.',
      );
    }
  }
}

/** As shop.ts names it. */
const dataStack = 'Shop-Data';

import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/**
 * True while CloudFormation rolls back a failed deploy. It then sends an Update with old and new swapped, which must
 * succeed: a custom resource that fails a rollback leaves the stack stuck (UPDATE_ROLLBACK_FAILED).
 */
export async function isRollingBack(stackId: string): Promise<boolean> {
  const { Stacks } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName: stackId }));
  return Stacks?.[0]?.StackStatus?.includes('ROLLBACK') ?? false;
}

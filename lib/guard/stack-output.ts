import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/** An output of a deployed stack; undefined if it has none of that name, or is not there. */
export async function outputOf(stackName: string, key: string): Promise<string | undefined> {
  const { Stacks } = await new CloudFormationClient().send(
    new DescribeStacksCommand({ StackName: stackName }),
  );
  return Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
}

import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  paginateDescribeStackEvents,
  paginateListStacks,
} from '@aws-sdk/client-cloudformation';

/** A resource that CloudFormation left in an account, by its own words. */
interface Skipped {
  readonly stack: string;
  readonly id: string;
  readonly physicalId: string;
  readonly type: string;
  readonly date: string;
}

export interface AccountState {
  /** Stacks of the shop that stand. */
  readonly standing: readonly string[];
  readonly skipped: readonly Skipped[];
}

/**
 * Reads the stacks of a shop, also those that were deleted in the last 90 days, and what they skipped while deleting.
 * It changes nothing. Whether somebody has deleted a resource by hand since then, CloudFormation does not know.
 */
export async function accountState(shop: string, config: CloudFormationClientConfig): Promise<AccountState> {
  const client = new CloudFormationClient(config);
  const standing: string[] = [];
  const skipped: Skipped[] = [];
  try {
    for await (const { StackSummaries = [] } of paginateListStacks({ client }, {})) {
      for (const { StackName = '', StackId, StackStatus } of StackSummaries) {
        if (!StackName.startsWith(`${shop}-`)) continue;
        if (StackStatus !== 'DELETE_COMPLETE') standing.push(StackName);
        skipped.push(...(await skippedIn(client, StackName, StackId ?? StackName)));
      }
    }
  } finally {
    client.destroy();
  }
  return { standing, skipped };
}

async function skippedIn(client: CloudFormationClient, stack: string, stackId: string): Promise<Skipped[]> {
  const found: Skipped[] = [];
  for await (const { StackEvents = [] } of paginateDescribeStackEvents({ client }, { StackName: stackId })) {
    for (const event of StackEvents) {
      if (event.ResourceStatus !== 'DELETE_SKIPPED') continue;
      found.push({
        stack,
        id: event.LogicalResourceId ?? '',
        physicalId: event.PhysicalResourceId ?? '',
        type: event.ResourceType ?? '',
        date: event.Timestamp?.toISOString().slice(0, 10) ?? '',
      });
    }
  }
  return found;
}

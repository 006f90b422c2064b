import { type CloudTrailClient, paginateLookupEvents } from '@aws-sdk/client-cloudtrail';
import { type EC2Client, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import { type DBCluster, paginateDescribeDBClusters, type RDSClient } from '@aws-sdk/client-rds';
import { SNAPSHOT_TAG, snapshotTagValue } from '../../lib/names';

import { allOf } from './seen';

export interface FoundDatabase {
  readonly id: string;
  readonly status: string;
  readonly instances: number;
  readonly hasWriter: boolean;
  readonly backupDays: number;
  /** The newest moment that can be had back. */
  readonly restorableUntil: Date | undefined;
}

/** The database clusters of a stack. */
export async function databasesOf(client: RDSClient, stack: string): Promise<FoundDatabase[]> {
  const pages = await allOf(paginateDescribeDBClusters({ client }, {}));
  return pages
    .flatMap(({ DBClusters = [] }) => DBClusters)
    .filter(({ TagList = [] }) =>
      TagList.some(({ Key, Value }) => Key === 'aws:cloudformation:stack-name' && Value === stack),
    )
    .map(foundDatabase);
}

function foundDatabase({ DBClusterMembers: members = [], ...cluster }: DBCluster): FoundDatabase {
  return {
    id: cluster.DBClusterIdentifier ?? '',
    status: cluster.Status ?? '',
    instances: members.length,
    hasWriter: members.some(({ IsClusterWriter }) => IsClusterWriter),
    backupDays: cluster.BackupRetentionPeriod ?? 0,
    restorableUntil: cluster.LatestRestorableTime,
  };
}

/** The time of the newest complete daily snapshot of the data volume. */
export async function newestSnapshot(client: EC2Client, shop: string): Promise<Date | undefined> {
  const pages = await allOf(
    paginateDescribeSnapshots(
      { client },
      {
        OwnerIds: ['self'],
        Filters: [
          { Name: `tag:${SNAPSHOT_TAG}`, Values: [snapshotTagValue(shop)] },
          { Name: 'status', Values: ['completed'] },
        ],
      },
    ),
  );
  return newest(pages.flatMap(({ Snapshots = [] }) => Snapshots.map(({ StartTime }) => StartTime)));
}

/**
 * The newest restore of one of these clusters that was accepted; others of the account prove nothing about this shop.
 * CloudTrail's event history holds ninety days.
 */
export async function newestRestore(
  client: CloudTrailClient,
  clusters: readonly string[],
): Promise<Date | undefined> {
  const attribute = { AttributeKey: 'EventName', AttributeValue: 'RestoreDBClusterToPointInTime' } as const;
  const pages = await allOf(paginateLookupEvents({ client }, { LookupAttributes: [attribute] }));
  const accepted = pages
    .flatMap(({ Events = [] }) => Events)
    .filter(({ CloudTrailEvent = '{}' }) => {
      const { errorCode, requestParameters }: RestoreEvent = JSON.parse(CloudTrailEvent);
      const source = sourceOf(requestParameters ?? {});
      return !errorCode && clusters.some((id) => source === id || source.endsWith(`:cluster:${id}`));
    });
  return newest(accepted.map(({ EventTime }) => EventTime));
}

interface RestoreEvent {
  readonly errorCode?: string;
  readonly requestParameters?: Readonly<Record<string, unknown>> | null;
}

/** The id or the ARN of the cluster that was restored. CloudTrail spells the first letters of RDS's parameters its own way. */
const sourceOf = (parameters: Readonly<Record<string, unknown>>): string =>
  String(
    Object.entries(parameters).find(([name]) => name.toLowerCase() === 'sourcedbclusteridentifier')?.[1] ??
      '',
  );

function newest(dates: readonly (Date | undefined)[]): Date | undefined {
  return dates.reduce((latest, date) => (date && (!latest || date > latest) ? date : latest), undefined);
}

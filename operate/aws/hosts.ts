import {
  type AutoScalingClient,
  type AutoScalingGroup,
  paginateDescribeAutoScalingGroups,
} from '@aws-sdk/client-auto-scaling';
import { DescribeImagesCommand, type EC2Client, paginateDescribeInstances } from '@aws-sdk/client-ec2';
import { allOf } from './seen';

export interface FoundGroup {
  readonly name: string;
  /** The logical id of the template. */
  readonly id: string;
  readonly wanted: number;
  readonly healthy: number;
  readonly suspended: readonly string[];
}

/** The groups of hosts of a stack. */
export async function groupsOf(client: AutoScalingClient, stack: string): Promise<FoundGroup[]> {
  const pages = await allOf(
    paginateDescribeAutoScalingGroups(
      { client },
      { Filters: [{ Name: 'tag:aws:cloudformation:stack-name', Values: [stack] }] },
    ),
  );
  return pages.flatMap(({ AutoScalingGroups = [] }) => AutoScalingGroups.map(foundGroup));
}

function foundGroup(group: AutoScalingGroup): FoundGroup {
  const { AutoScalingGroupName: name = '', Instances = [], SuspendedProcesses = [], Tags = [] } = group;
  const healthy = Instances.filter(
    ({ HealthStatus, LifecycleState }) => HealthStatus === 'Healthy' && LifecycleState === 'InService',
  );
  return {
    name,
    id: Tags.find(({ Key }) => Key === 'aws:cloudformation:logical-id')?.Value ?? name,
    wanted: group.DesiredCapacity ?? 0,
    healthy: healthy.length,
    suspended: SuspendedProcesses.map(({ ProcessName = '' }) => ProcessName),
  };
}

export interface FoundImages {
  readonly used: number;
  /** Taken back by Amazon: a host that dies is not replaced. */
  readonly gone: readonly string[];
  /** Of the first that is deprecated; undefined if none says. */
  readonly deprecated: Date | undefined;
}

/** The machine images of the shop's running hosts. */
export async function imagesOf(client: EC2Client, stack: string): Promise<FoundImages> {
  const ids = await imageIds(client, stack);
  if (ids.length === 0) return { used: 0, gone: [], deprecated: undefined };
  // By filter: for an id that is gone, `ImageIds` would be an error instead of an answer.
  const { Images = [] } = await client.send(
    new DescribeImagesCommand({ IncludeDeprecated: true, Filters: [{ Name: 'image-id', Values: ids }] }),
  );
  const dates = Images.flatMap(({ DeprecationTime }) => (DeprecationTime ? [DeprecationTime] : [])).sort();
  return {
    used: ids.length,
    gone: ids.filter((id) => !Images.some(({ ImageId }) => ImageId === id)),
    deprecated: dates[0] ? new Date(dates[0]) : undefined,
  };
}

async function imageIds(client: EC2Client, stack: string): Promise<string[]> {
  const running = [
    { Name: 'tag:aws:cloudformation:stack-name', Values: [stack] },
    { Name: 'instance-state-name', Values: ['running'] },
  ];
  const pages = await allOf(paginateDescribeInstances({ client }, { Filters: running }));
  const ids = pages.flatMap(({ Reservations = [] }) =>
    Reservations.flatMap(({ Instances = [] }) => Instances.map(({ ImageId = '' }) => ImageId)),
  );
  return [...new Set(ids)];
}

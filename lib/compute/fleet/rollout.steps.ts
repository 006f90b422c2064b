import {
  AutoScalingClient,
  type AutoScalingGroup,
  CancelInstanceRefreshCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  SignalResourceCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { alarmTag, refreshTag } from './group-tags';
import type { Deploy, Look } from './host-health-decision';

/** The properties of a group. */
export interface Group {
  readonly name: string;
  /** An ARN, as in the permissions of this function. */
  readonly stackId: string;
  readonly logicalId: string;
  readonly alarmName: string;
  /** One for each balancer that leads to its hosts. */
  readonly targetGroupArns: readonly string[];
  /** True if its hosts are replaced by instance refreshes. */
  readonly refreshed: boolean;
}

/** Nine hosts may be watched at once, and a throttled call must not refuse a host. */
const patient = { maxAttempts: 8, retryMode: 'adaptive' } as const;

/** @throws Error if the group does not exist or is not a tier's group */
export async function groupNamed(name: string): Promise<Group> {
  const { AutoScalingGroups } = await new AutoScalingClient(patient).send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  return tierGroup(name, AutoScalingGroups?.[0]);
}

/** Undefined if no group has this roll-out alarm. @throws Error as `groupNamed` does */
export async function groupWithAlarm(alarmName: string): Promise<Group | undefined> {
  const { AutoScalingGroups } = await new AutoScalingClient(patient).send(
    new DescribeAutoScalingGroupsCommand({ Filters: [{ Name: `tag:${alarmTag}`, Values: [alarmName] }] }),
  );
  const group = AutoScalingGroups?.[0];
  return group && tierGroup(group.AutoScalingGroupName ?? '', group);
}

function tierGroup(name: string, { Tags = [], TargetGroupARNs = [] }: Partial<AutoScalingGroup> = {}): Group {
  const tag = (key: string) => Tags.find(({ Key }) => Key === key)?.Value;
  const stackId = tag('aws:cloudformation:stack-id');
  const logicalId = tag('aws:cloudformation:logical-id');
  const alarmName = tag(alarmTag);
  if (!stackId || !logicalId || !alarmName || TargetGroupARNs.length === 0) {
    throw new Error(
      `${name} is not a tier's group: it lacks a target group or the tags of its stack and alarm`,
    );
  }
  return {
    name,
    stackId,
    logicalId,
    alarmName,
    targetGroupArns: TargetGroupARNs,
    refreshed: tag(refreshTag) !== undefined,
  };
}

/** The states in which CloudFormation waits for signals; during cleanup it does not. */
const waiting = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'];

/** Undefined if no deploy of the group's stack is in progress. */
export async function deployOf({ stackId }: Group): Promise<Deploy | undefined> {
  const { Stacks } = await new CloudFormationClient(patient).send(
    new DescribeStacksCommand({ StackName: stackId }),
  );
  const { StackStatus = '', LastUpdatedTime, CreationTime } = Stacks?.[0] ?? {};
  const began = LastUpdatedTime ?? CreationTime;
  if (!began || !waiting.includes(StackStatus)) return undefined;
  return { began, rollingBack: StackStatus.includes('ROLLBACK') };
}

/** A host is healthy when every balancer says so. */
export async function lookAt({ targetGroupArns, alarmName }: Group, host: string): Promise<Look> {
  const [targets, { MetricAlarms }] = await Promise.all([
    Promise.all(targetGroupArns.map((arn) => healthIn(arn, host))),
    new CloudWatchClient(patient).send(new DescribeAlarmsCommand({ AlarmNames: [alarmName] })),
  ]);
  const alarm = MetricAlarms?.[0];
  return {
    at: new Date(),
    target: targets.find(({ state }) => state !== 'healthy') ?? { state: 'healthy' },
    alarmSince: alarm?.StateValue === 'ALARM' ? alarm.StateTransitionedTimestamp : undefined,
  };
}

async function healthIn(targetGroupArn: string, host: string): Promise<Look['target']> {
  const { TargetHealthDescriptions } = await new ElasticLoadBalancingV2Client(patient).send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: host }] }),
  );
  const { State = 'unknown', Reason } = TargetHealthDescriptions?.[0]?.TargetHealth ?? {};
  return { state: State, reason: Reason };
}

/** False if CloudFormation no longer waits for the host, such as after another host failed the deploy. */
export async function signal(group: Group, host: string, stays: boolean): Promise<boolean> {
  const { stackId, logicalId } = group;
  try {
    await new CloudFormationClient(patient).send(
      new SignalResourceCommand({
        StackName: stackId,
        LogicalResourceId: logicalId,
        UniqueId: host,
        Status: stays ? 'SUCCESS' : 'FAILURE',
      }),
    );
    return true;
  } catch (error) {
    if ((error as Error).name !== 'ValidationError') throw error;
    return false;
  }
}

/**
 * Ends the replacement of hosts, upon which CloudFormation rolls back. False if none is under way, such as after another
 * host ended it.
 */
export async function cancelRefresh({ name }: Group): Promise<boolean> {
  try {
    await new AutoScalingClient(patient).send(
      new CancelInstanceRefreshCommand({ AutoScalingGroupName: name }),
    );
    return true;
  } catch (error) {
    if ((error as Error).name !== 'ActiveInstanceRefreshNotFoundFault') throw error;
    return false;
  }
}

import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
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
import { alarmTag } from './alarm-tag';
import type { Deploy, Look } from './verdict';

/** What a group says of itself. */
export interface Group {
  /** An ARN: what the permissions of this function name. */
  readonly stackId: string;
  readonly logicalId: string;
  readonly alarmName: string;
  readonly targetGroupArn: string;
}

/** Nine hosts are watched at once, and one refused call must not refuse a host. */
const patient = { maxAttempts: 8, retryMode: 'adaptive' } as const;

/** @throws Error when there is no such group, or none that CloudFormation made for this function */
export async function groupNamed(name: string): Promise<Group> {
  const { AutoScalingGroups } = await new AutoScalingClient(patient).send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }),
  );
  const { Tags = [], TargetGroupARNs = [] } = AutoScalingGroups?.[0] ?? {};
  const tag = (key: string) => Tags.find(({ Key }) => Key === key)?.Value;
  const stackId = tag('aws:cloudformation:stack-id');
  const logicalId = tag('aws:cloudformation:logical-id');
  const alarmName = tag(alarmTag);
  const [targetGroupArn] = TargetGroupARNs;
  if (!stackId || !logicalId || !alarmName || !targetGroupArn) {
    throw new Error(
      `${name} is no group of a tier: it lacks a target group or the tags of its stack and alarm`,
    );
  }
  return { stackId, logicalId, alarmName, targetGroupArn };
}

/** In these states CloudFormation waits for hosts; while it cleans up after a deploy it does not. */
const waiting = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'];

/** Undefined when no deploy of the group's stack is going on. */
export async function deployOf({ stackId }: Group): Promise<Deploy | undefined> {
  const { Stacks } = await new CloudFormationClient(patient).send(
    new DescribeStacksCommand({ StackName: stackId }),
  );
  const { StackStatus = '', LastUpdatedTime, CreationTime } = Stacks?.[0] ?? {};
  const began = LastUpdatedTime ?? CreationTime;
  if (!began || !waiting.includes(StackStatus)) return undefined;
  return { began, rollingBack: StackStatus.includes('ROLLBACK') };
}

export async function lookAt({ targetGroupArn, alarmName }: Group, host: string): Promise<Look> {
  const [{ TargetHealthDescriptions }, { MetricAlarms }] = await Promise.all([
    new ElasticLoadBalancingV2Client(patient).send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn, Targets: [{ Id: host }] }),
    ),
    new CloudWatchClient(patient).send(new DescribeAlarmsCommand({ AlarmNames: [alarmName] })),
  ]);
  const { State = 'unknown', Reason } = TargetHealthDescriptions?.[0]?.TargetHealth ?? {};
  const alarm = MetricAlarms?.[0];
  return {
    at: new Date(),
    target: { state: State, reason: Reason },
    alarmSince: alarm?.StateValue === 'ALARM' ? alarm.StateTransitionedTimestamp : undefined,
  };
}

/** False when CloudFormation waits for no such host: others may have failed meanwhile, and the deploy is over. */
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

import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { whenAllowed } from '../../custom-resource/when-allowed';
import {
  associateAddress,
  attachVolume,
  type RetryPolicy,
  retryWhileBusy,
} from './attach-volume-and-ip.steps';

/** The EventBridge event "EC2 Instance-launch Lifecycle Action". */
export interface LaunchEvent {
  readonly detail: {
    readonly EC2InstanceId: string;
    readonly LifecycleActionToken: string;
    readonly LifecycleHookName: string;
    readonly AutoScalingGroupName: string;
  };
}

/** Puts the instance into service with its volume and address, or abandons it and fails, which triggers the alarm. */
export async function handler(
  { detail }: LaunchEvent,
  context: { getRemainingTimeInMillis(): number },
  pauseMs = 5_000,
): Promise<void> {
  const patience = { pauseMs, timeIsUp: () => context.getRemainingTimeInMillis() < pauseMs + marginMs };
  try {
    // The first launch comes seconds after the permissions.
    await whenAllowed(() => claim(detail.EC2InstanceId, patience));
  } catch (error) {
    await whenAllowed(() => complete(detail, 'ABANDON'));
    throw error;
  }
  await whenAllowed(() => complete(detail, 'CONTINUE'));
}

/** Volume first: once it is free, the old box is gone and no longer needs its address. */
async function claim(instance: string, patience: RetryPolicy): Promise<void> {
  const { VOLUME_ID = '', ALLOCATION_ID = '' } = process.env;
  const ec2 = new EC2Client();
  await retryWhileBusy(() => attachVolume(ec2, VOLUME_ID, instance), patience);
  await retryWhileBusy(() => associateAddress(ec2, ALLOCATION_ID, instance), patience);
}

async function complete(detail: LaunchEvent['detail'], LifecycleActionResult: string): Promise<void> {
  const { EC2InstanceId, LifecycleActionToken, LifecycleHookName, AutoScalingGroupName } = detail;
  await new AutoScalingClient().send(
    new CompleteLifecycleActionCommand({
      LifecycleActionResult,
      LifecycleActionToken,
      LifecycleHookName,
      AutoScalingGroupName,
    }),
  );
  console.log(JSON.stringify({ instance: EC2InstanceId, result: LifecycleActionResult }));
}

/** Reserved for the last call, so that giving up is still reported. */
const marginMs = 10_000;

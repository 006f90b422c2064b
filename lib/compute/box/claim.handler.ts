import { AutoScalingClient, CompleteLifecycleActionCommand } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { claimAddress, claimVolume, type Patience, persist } from './claim.steps';

/** EventBridge's "EC2 Instance-launch Lifecycle Action". */
export interface LaunchEvent {
  readonly detail: {
    readonly EC2InstanceId: string;
    readonly LifecycleActionToken: string;
    readonly LifecycleHookName: string;
    readonly AutoScalingGroupName: string;
  };
}

/** Lets the instance into service with its volume and address, or abandons it and fails, which sets off the alarm. */
export async function handler(
  { detail }: LaunchEvent,
  context: { getRemainingTimeInMillis(): number },
  pauseMs = 5_000,
): Promise<void> {
  const patience = { pauseMs, timeIsUp: () => context.getRemainingTimeInMillis() < pauseMs + marginMs };
  try {
    await claim(detail.EC2InstanceId, patience);
  } catch (error) {
    await complete(detail, 'ABANDON');
    throw error;
  }
  await complete(detail, 'CONTINUE');
}

/** Volume first: once it is free the old box is gone, and taking its address away disturbs nobody. */
async function claim(instance: string, patience: Patience): Promise<void> {
  const { VOLUME_ID = '', ALLOCATION_ID = '' } = process.env;
  const ec2 = new EC2Client();
  await persist(() => claimVolume(ec2, VOLUME_ID, instance), patience);
  await persist(() => claimAddress(ec2, ALLOCATION_ID, instance), patience);
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

/** Kept for the last call, so that giving up is still said aloud. */
const marginMs = 10_000;

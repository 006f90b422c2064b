import { setTimeout as wait } from 'node:timers/promises';
import {
  AssociateAddressCommand,
  AttachVolumeCommand,
  DescribeVolumesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';

/** The device name of the data volume. Nitro hosts name it by its volume id, which the host looks for. */
const device = '/dev/sdf';

/** The volume or the instance is not ready yet; retried until the time is up. */
class NotYetError extends Error {
  override readonly name = 'NotYetError';
}

/** Attaches the volume to the instance. Idempotent. @throws NotYetError until it is attached */
export async function attachVolume(ec2: EC2Client, volume: string, instance: string): Promise<void> {
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [volume] }));
  const attachment = Volumes?.[0]?.Attachments?.find(({ State }) => State !== 'detached');
  if (attachment?.InstanceId === instance && attachment.State === 'attached') return;
  if (attachment) throw new NotYetError(`${volume} is ${attachment.State} to ${attachment.InstanceId}`);
  await ec2.send(new AttachVolumeCommand({ VolumeId: volume, InstanceId: instance, Device: device }));
  throw new NotYetError(`${volume} is attaching to ${instance}`);
}

/** Moves the address to the instance immediately, even if another one has it. */
export async function associateAddress(ec2: EC2Client, allocation: string, instance: string): Promise<void> {
  await ec2.send(
    new AssociateAddressCommand({ AllocationId: allocation, InstanceId: instance, AllowReassociation: true }),
  );
}

/** EC2 error codes that mean "not yet": the instance is still pending, the volume still in use. */
const passing = [
  'IncorrectState',
  'IncorrectInstanceState',
  'InvalidInstanceID',
  'InvalidInstanceID.NotFound',
  'VolumeInUse',
  'RequestLimitExceeded',
];

export interface RetryPolicy {
  readonly pauseMs: number;
  readonly timeIsUp: () => boolean;
}

export async function retryWhileBusy(
  step: () => Promise<void>,
  { pauseMs, timeIsUp }: RetryPolicy,
): Promise<void> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      const { name } = error as Error;
      if ((!(error instanceof NotYetError) && !passing.includes(name)) || timeIsUp()) throw error;
      await wait(pauseMs);
    }
  }
}

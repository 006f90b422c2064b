import { setTimeout as wait } from 'node:timers/promises';
import {
  AssociateAddressCommand,
  AttachVolumeCommand,
  DescribeVolumesCommand,
  type EC2Client,
} from '@aws-sdk/client-ec2';

/** Where the data volume appears; Nitro names it by its id instead, which is what the host looks for. */
const device = '/dev/sdf';

/** The volume or the instance is not ready for it yet; asked again until the time is up. */
class NotYetError extends Error {
  override readonly name = 'NotYetError';
}

/** Attached to this instance, or not yet. Done twice, it changes nothing. */
export async function claimVolume(ec2: EC2Client, volume: string, instance: string): Promise<void> {
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [volume] }));
  const attachment = Volumes?.[0]?.Attachments?.find(({ State }) => State !== 'detached');
  if (attachment?.InstanceId === instance && attachment.State === 'attached') return;
  if (attachment) throw new NotYetError(`${volume} is ${attachment.State} to ${attachment.InstanceId}`);
  await ec2.send(new AttachVolumeCommand({ VolumeId: volume, InstanceId: instance, Device: device }));
  throw new NotYetError(`${volume} is attaching to ${instance}`);
}

/** The address moves at once, from whichever instance had it. */
export async function claimAddress(ec2: EC2Client, allocation: string, instance: string): Promise<void> {
  await ec2.send(
    new AssociateAddressCommand({ AllocationId: allocation, InstanceId: instance, AllowReassociation: true }),
  );
}

/** EC2's words for "not yet": the instance is still pending, the volume still in use. */
const passing = [
  'IncorrectState',
  'IncorrectInstanceState',
  'InvalidInstanceID',
  'InvalidInstanceID.NotFound',
  'VolumeInUse',
  'RequestLimitExceeded',
];

export interface Patience {
  readonly pauseMs: number;
  readonly timeIsUp: () => boolean;
}

export async function persist(step: () => Promise<void>, { pauseMs, timeIsUp }: Patience): Promise<void> {
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

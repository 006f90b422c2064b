import type { S3Client } from '@aws-sdk/client-s3';
import { type Executor, runCommand } from '../../lambda/data-migration/control/cli';
import { openMailbox } from '../../lambda/data-migration/control/mailbox';
import { outcome, PLACES, progressLine, wrapped } from '../../lambda/data-migration/control/report';
import { AT_FIRST, type Home } from '../../lambda/data-migration/federation/home';
import { FEDERATION_KEY, federationKeys } from '../../lambda/data-migration/object-keys';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';

export const FEDERATION_COMMANDS = ['status', 'check', 'run', 'back', 'drop'] as const;
export type FederationCommand = (typeof FEDERATION_COMMANDS)[number];

/** The ways to the users of a shop. */
export interface FederationAccess {
  readonly s3: S3Client;
  /** With the marker and the mailbox. */
  readonly bucket: string;
  readonly executor: Executor;
  /** Called before users move. @throws Error if some hosts would lose them */
  readonly ready?: () => Promise<void>;
}

interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Carries a command out and tells how it ends, in lines of 80 columns. False if it failed. */
export async function federate(
  command: FederationCommand,
  { s3, bucket, executor, ready }: FederationAccess,
  out: Output,
): Promise<boolean> {
  const mailbox = openMailbox(s3, bucket, federationKeys);
  if (command === 'status') {
    const marker = s3Marker<Home>(s3, bucket, FEDERATION_KEY);
    const { data, since, closed } = (await marker.read())?.placement ?? AT_FIRST;
    const way = closed ? ' The way back is closed.' : '';
    const from = since === AT_FIRST.since ? '' : ` since ${since}`;
    const last = await mailbox.status();
    const lines = [
      ...wrapped(`The users are ${PLACES[data]}${from}.${way}`),
      ...(last ? [`The last command is "${nameOf(last.command)}" of ${last.at}:`] : []),
      ...(last?.state === 'running'
        ? ['running.', ...(last.progress ? [progressLine(last.progress)] : [])]
        : last
          ? outcome(last)
          : []),
    ];
    out.write(`${lines.join('\n')}\n`);
    return true;
  }
  if (command === 'run') await ready?.();
  return runCommand({ mailbox, command: command === 'run' ? 'move' : command, out, executor });
}

const nameOf = (command: string) => (command === 'move' ? 'run' : command);

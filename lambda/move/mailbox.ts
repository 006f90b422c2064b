import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { Place } from './placement';
import type { CheckResult, MoveResult, Progress } from './progress';

/** The objects through which a deployer's machine and the app on the box talk, in the Deployments bucket. */
export const moveKeys = { command: 'move/command.json', status: 'move/status.json' } as const;

export type CommandName = 'move' | 'check' | 'back';

export interface Command {
  /** Each command is carried out once. */
  readonly id: string;
  readonly command: CommandName;
}

export type Result = ({ readonly kind: 'moved' } & MoveResult) | ({ readonly kind: 'checked' } & CheckResult);

/** What the app on the box says about a command. */
export interface Status extends Command {
  readonly state: 'running' | 'done' | 'failed';
  /** How often an app began with it: more than once when it was restarted meanwhile. */
  readonly starts: number;
  /** When this was written, in ISO 8601. */
  readonly at: string;
  readonly progress?: Progress;
  /** When it is done. */
  readonly result?: Result;
  /** When it failed: what was wrong. */
  readonly error?: string;
  /** When it failed: where the data is. A move can fail after the switch, with some files still to be brought along. */
  readonly data?: Place;
  /** When it failed for good: asking again would fail again. */
  readonly final?: boolean;
}

export type Mailbox = ReturnType<typeof openMailbox>;

export function openMailbox(client: S3Client, bucket: string) {
  const read = async <Content>(key: string): Promise<Content | undefined> => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return JSON.parse((await Body?.transformToString()) ?? '');
    } catch (error) {
      if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined;
      throw error;
    }
  };
  const write = async (key: string, content: Command | Status): Promise<void> => {
    const object = {
      Bucket: bucket,
      Key: key,
      Body: JSON.stringify(content),
      ContentType: 'application/json',
    };
    await client.send(new PutObjectCommand(object));
  };
  return {
    command: () => read<Command>(moveKeys.command),
    status: () => read<Status>(moveKeys.status),
    ask: (command: Command) => write(moveKeys.command, command),
    say: (status: Status) => write(moveKeys.status, status),
  };
}

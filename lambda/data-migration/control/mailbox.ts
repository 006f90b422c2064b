import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { moveKeys } from '../object-keys';
import type { CheckResult, MoveResult, Progress, TimedStep } from './progress';

export type CommandName = 'move' | 'check' | 'back' | 'drop';

export interface Command {
  /** Each command is executed once. */
  readonly id: string;
  readonly command: CommandName;
}

export type Result =
  | ({ readonly kind: 'moved' } & MoveResult)
  | ({ readonly kind: 'checked' } & CheckResult)
  | { readonly kind: 'dropped'; readonly data: string };

/** The status of a command, reported by its executor. */
export interface Status extends Command {
  readonly state: 'running' | 'done' | 'failed';
  /** Number of times that an executor started it: more than one after a restart. */
  readonly starts: number;
  /** Time of this report, in ISO 8601. */
  readonly at: string;
  readonly progress?: Progress;
  /** All steps so far: a small shop is moved before anybody looks at the progress. */
  readonly steps?: readonly TimedStep[];
  /** Set if it succeeded. */
  readonly result?: Result;
  /** The cause, set if it failed. */
  readonly error?: string;
  /** The place of the data, set if it failed. A move can fail after the switch, with some files still to be copied. */
  readonly data?: string;
  /** True if a retry would fail again. */
  readonly final?: boolean;
}

export type Mailbox = ReturnType<typeof openMailbox>;

export function openMailbox(
  client: S3Client,
  bucket: string,
  keys: Readonly<Record<'command' | 'status', string>> = moveKeys,
) {
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
    command: () => read<Command>(keys.command),
    status: () => read<Status>(keys.status),
    ask: (command: Command) => write(keys.command, command),
    say: (status: Status) => write(keys.status, status),
  };
}

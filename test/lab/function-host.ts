import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { LabShop } from '../../lab/servers/shop';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { BATCH } from '../../lambda/thumbnails/queue-limits';
import { BUCKETS, localConfig, s3Environment } from '../../local/servers/local-aws';
import { PHOTO_TABLE } from '../../local/servers/tables';
import { cleanup } from '../support/cleanup';

interface Done {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * Runs the function of photos beside the worker of a shop, as Lambda does: takes batches off the queue, and deletes what
 * did not fail. It kills the first processes of the function, `kills` of them, while they have a batch.
 */
export function startFunction(shop: LabShop, s3: string, kills: number) {
  const queue = shop.photoQueue();
  if (!queue) throw new Error(`Phase ${shop.phase.number} has no queue of photos`);
  const client = new SQSClient(localConfig(queue.queueServer));
  const env = {
    ...process.env,
    ...s3Environment(s3),
    ...{ AWS_ENDPOINT_URL_DYNAMODB: queue.table, AWS_ENDPOINT_URL_SQS: queue.queueServer },
    [SETTING.media]: `s3://${BUCKETS.media}`,
    [SETTING.photoTable]: PHOTO_TABLE,
    [SETTING.photoQueue]: queue.queue,
    [SETTING.photoDeadLetters]: queue.deadLetters,
  };
  let stopped = false;
  let killed = 0;
  let batches = 0;
  let child: ChildProcess | undefined;
  const started = () =>
    fork(join(__dirname, 'photo-function.ts'), {
      ...{ env, execArgv: ['--import', 'tsx'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    });

  /** Undefined if the process ended before it answered. */
  const invoke = (event: object): Promise<Done | undefined> =>
    new Promise((resolve) => {
      child ??= started();
      const one = child;
      const heard = (said: 'begun' | Done) => {
        if (said !== 'begun') return end(said);
        if (killed < kills) one.kill('SIGKILL');
      };
      const gone = () => {
        killed += 1;
        child = undefined;
        end(undefined);
      };
      const end = (done: Done | undefined) => {
        one.off('message', heard).off('exit', gone);
        resolve(done);
      };
      one.on('message', heard).on('exit', gone);
      one.send(event);
    });

  const loop = async () => {
    while (!stopped) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          ...{ QueueUrl: queue.queue, MaxNumberOfMessages: BATCH, WaitTimeSeconds: 1 },
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      if (Messages.length === 0) continue;
      const Records = Messages.map(({ MessageId, ReceiptHandle, Body, Attributes }) => ({
        ...{ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, attributes: Attributes },
      }));
      const done = await invoke({ Records });
      if (done) batches += 1;
      const failed = new Set(done?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { MessageId = '', ReceiptHandle } of done ? Messages : [])
        if (!failed.has(MessageId))
          await client.send(new DeleteMessageCommand({ QueueUrl: queue.queue, ReceiptHandle }));
    }
  };
  const looping = loop();
  return {
    killed: () => killed,
    /** Batches that were answered. */
    batches: () => batches,
    stop: cleanup(async () => {
      stopped = true;
      await looping;
      child?.kill();
      client.destroy();
    }),
  };
}

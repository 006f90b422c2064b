import { createLog } from '../shared/runtime/log';
import { openPhotoMessages } from './photo-messages';

/** The used part of an event of SQS. */
interface SqsEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly receiptHandle: string;
    readonly body: string;
    readonly attributes: { readonly ApproximateReceiveCount: string };
  }[];
}

const log = createLog();
let opened: ReturnType<typeof openPhotoMessages> | undefined;

/** Renders the photos of a batch, one after the other. Only those that failed stay in the queue (rule SQS-4). */
export async function handler({ Records }: SqsEvent) {
  opened ??= openPhotoMessages(process.env, log);
  const { handle } = await opened;
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId: id, receiptHandle: receipt, body, attributes } of Records) {
    const receptions = Number(attributes.ApproximateReceiveCount);
    const done = await handle({ id, receipt, body, receptions }).catch((error: unknown) => {
      log.warn({ err: error, messageId: id }, 'a message stays in the queue');
      return false;
    });
    if (!done) batchItemFailures.push({ itemIdentifier: id });
  }
  return { batchItemFailures };
}

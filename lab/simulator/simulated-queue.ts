import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Host, Network } from './network';
import type { World } from './world';

interface Message {
  readonly id: string;
  readonly body: string;
  visibleAt: number;
  receptions: number;
  receipt: string;
}

export interface SimulatedQueue {
  /** As a program at a host reaches it. It answers the commands that the shop's workers send. */
  clientAt(host: Host): SQSClient;
  send(body: string): void;
  /** No message is left, not even one that was given out. */
  isEmpty(): boolean;
  /** Bodies. */
  readonly dead: readonly string[];
}

export const QUEUE_URL = 'queue';
export const DEAD_LETTERS_URL = 'dead letters';
/** Between two looks of one who waits for messages. */
const LOOK_MS = 2500;

/** A queue like SQS: out of order, at least once, with a time for which a message that was given out is hidden. */
export function createQueue(world: World, network: Network, visibilityMs: number): SimulatedQueue {
  const messages = new Map<string, Message>();
  const dead: string[] = [];
  const random = world.random('queue');
  let count = 0;

  const send = (body: string) => {
    const id = `m${++count}`;
    // It is seen a moment later, and so before earlier ones.
    messages.set(id, { id, body, visibleAt: world.now() + 200 * random(), receptions: 0, receipt: '' });
  };
  const receive = (most: number) => {
    const seen = [...messages.values()].filter(({ visibleAt }) => visibleAt <= world.now()).slice(0, most);
    return seen.map((message) => {
      message.receptions += 1;
      message.visibleAt = world.now() + visibilityMs;
      message.receipt = `${message.id} ${message.receptions}`;
      const { id: MessageId, receipt: ReceiptHandle, body: Body, receptions } = message;
      return { MessageId, ReceiptHandle, Body, Attributes: { ApproximateReceiveCount: String(receptions) } };
    });
  };
  const withReceipt = (receipt = '') => [...messages.values()].find((message) => message.receipt === receipt);

  const answer = async (command: unknown, host: Host): Promise<unknown> => {
    if (command instanceof SendMessageCommand) {
      const { QueueUrl, MessageBody = '' } = command.input;
      if (QueueUrl === DEAD_LETTERS_URL) dead.push(MessageBody);
      else send(MessageBody);
    }
    if (command instanceof DeleteMessageCommand) {
      const found = withReceipt(command.input.ReceiptHandle);
      if (found) messages.delete(found.id);
    }
    if (command instanceof ChangeMessageVisibilityCommand) {
      const found = withReceipt(command.input.ReceiptHandle);
      if (found) found.visibleAt = world.now() + 1000 * (command.input.VisibilityTimeout ?? 0);
    }
    if (command instanceof ReceiveMessageCommand) {
      const { WaitTimeSeconds = 0, MaxNumberOfMessages = 1 } = command.input;
      for (const until = world.now() + 1000 * WaitTimeSeconds; ; ) {
        const Messages = host.isUp ? receive(MaxNumberOfMessages) : [];
        if (Messages.length > 0 || world.now() >= until || !host.isUp) return { Messages };
        await world.after(LOOK_MS);
      }
    }
    return {};
  };

  return {
    send,
    isEmpty: () => messages.size === 0,
    dead,
    clientAt: (host) =>
      ({
        send: (command: unknown) => network.call(host, 'queue', () => answer(command, host)),
      }) as unknown as SQSClient,
  };
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { openDeadLetters } from '../../../../lambda/shared/jobs/dead-letters';
import { QueueFullError, QueueUnavailableError } from '../../../../lambda/shared/jobs/jobs';
import { createMessageHandler, type Received } from '../../../../lambda/shared/jobs/message-handler';
import { startPoller } from '../../../../lambda/shared/jobs/poller';
import { openSqsJobs, type SqsJobsOptions } from '../../../../lambda/shared/jobs/sqs';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { cleanup, cleanupServer } from '../../../support/cleanup';
import { sqsConfig, startSqs } from '../../../support/sqs';
import { until } from '../../../support/until';

interface Job {
  readonly n: number;
}

const log = createLog({ write: () => undefined });
const parse = (body: string): Job => JSON.parse(body);

let sqs: Awaited<ReturnType<typeof startSqs>>;
beforeAll(async () => {
  sqs = await startSqs();
});

const sender = (queueUrl: string, options: Partial<SqsJobsOptions> = {}) => {
  const jobs = openSqsJobs<Job>({ queueUrl, mostWaiting: 100, config: sqs.config, ...options });
  cleanup(async () => jobs.close());
  return jobs;
};

const handlerOn = (
  queue: Awaited<ReturnType<typeof sqs.queue>>,
  work: (job: Job) => Promise<void>,
  givenUp?: (job: Job) => Promise<unknown>,
) =>
  createMessageHandler<Job>({
    client: sqs.client,
    queue,
    parse,
    work,
    log,
    retryMs: 1,
    ...(givenUp && { givenUp }),
  });

const received = ({
  MessageId = '',
  ReceiptHandle = '',
  Body = '',
  Attributes,
}: Awaited<ReturnType<Awaited<ReturnType<typeof sqs.queue>>['receive']>>[number]): Received => ({
  ...{ id: MessageId, receipt: ReceiptHandle, body: Body },
  receptions: Number(Attributes?.ApproximateReceiveCount),
});

describe('sending', () => {
  it('puts jobs into the queue', async () => {
    const queue = await sqs.queue();
    await sender(queue.url).send({ n: 1 });
    expect((await queue.receive()).map(({ Body }) => Body)).toEqual(['{"n":1}']);
  });

  it('refuses work when as many wait as may, and takes it again when they are worked off', async () => {
    const queue = await sqs.queue();
    const jobs = sender(queue.url, { mostWaiting: 3, countEveryMs: 20 });
    for (const n of [1, 2, 3]) await jobs.send({ n });
    for (const refused of [jobs.send({ n: 4 }), jobs.assertRoom()]) {
      const error: QueueFullError = await refused.then(Promise.reject, (reason) => reason);
      expect(error).toBeInstanceOf(QueueFullError);
      expect(error.retryAfterSeconds).toBeGreaterThanOrEqual(1);
    }
    await queue.receive();
    await until(() =>
      jobs.assertRoom().then(
        () => true,
        () => false,
      ),
    );
    await jobs.send({ n: 4 });
  });

  it('counts what other processes sent', async () => {
    const queue = await sqs.queue();
    const one = sender(queue.url, { mostWaiting: 2, countEveryMs: 20 });
    await one.assertRoom();
    const other = sender(queue.url);
    await other.send({ n: 1 });
    await other.send({ n: 2 });
    await until(() =>
      one.assertRoom().then(
        () => false,
        (error) => error instanceof QueueFullError,
      ),
    );
  });

  it('is unavailable for a while where the queue does not answer, and says so', async () => {
    const deaf = createServer((_, response) => response.writeHead(500).end());
    deaf.listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    cleanupServer(deaf);
    const config = sqsConfig(`http://127.0.0.1:${(deaf.address() as AddressInfo).port}`);
    const jobs = sender(`${config.endpoint}/000000000000/photos`, { config });
    await expect(jobs.assertRoom()).resolves.toBeUndefined();
    await expect(jobs.send({ n: 1 })).rejects.toThrow(QueueUnavailableError);
  });
});

describe('the handler of a message', () => {
  it('is done with a message whose job was done', async () => {
    const queue = await sqs.queue();
    const done: number[] = [];
    const handle = handlerOn(queue, async ({ n }) => void done.push(n));
    await queue.send('{"n":7}');
    const [message] = await queue.receive();
    expect(await handle(received(message ?? {}))).toBe(true);
    expect(done).toEqual([7]);
  });

  it('has a message that failed given out again, long before the time-out of one whose worker died', async () => {
    const queue = await sqs.queue();
    const handle = handlerOn(queue, async () => {
      throw new Error('the store is down');
    });
    await queue.send('{"n":1}');
    const [message] = await queue.receive();
    expect(await handle(received(message ?? {}))).toBe(false);
    let again: Received | undefined;
    await until(async () => {
      const [found] = await queue.receive();
      again = found && received(found);
      return again;
    });
    expect(again).toMatchObject({ body: '{"n":1}', receptions: 2 });
  });

  it('F8: by default pauses for seconds at first, and for up to a minute after the third failure', async () => {
    const commands: { input: { VisibilityTimeout?: number; ReceiptHandle?: string } }[] = [];
    const lines: Record<string, unknown>[] = [];
    const handle = createMessageHandler<Job>({
      client: { send: async (command: never) => void commands.push(command) } as unknown as typeof sqs.client,
      queue: { url: 'queue', deadLetterUrl: 'dead', attempts: 5 },
      log: createLog({ write: (line: string) => void lines.push(JSON.parse(line)) }),
      work: () => Promise.reject(new Error('no')),
      parse,
    });
    for (const receptions of [1, 2, 3, 4])
      expect(await handle({ id: 'x', receipt: `r${receptions}`, body: '{"n":1}', receptions })).toBe(false);
    const pauses = commands.map(({ input }) => input.VisibilityTimeout ?? 0);
    const caps = [4, 16, 60, 60];
    expect(pauses.map((pause, at) => pause >= (caps[at] ?? 0) / 2 && pause <= (caps[at] ?? 0))).toEqual(
      caps.map(() => true),
    );
    expect(commands.map(({ input }) => input.ReceiptHandle)).toEqual(['r1', 'r2', 'r3', 'r4']);
    expect(lines[0]).toMatchObject({ level: 'warn', messageId: 'x', job: { n: 1 }, receptions: 1 });
  });

  it('puts a message that failed five times into the dead letters, with the reason, and says whose it was', async () => {
    const queue = await sqs.queue();
    const given: Job[] = [];
    const fail = async () => {
      throw new TypeError('no such bucket \u0000');
    };
    const handle = handlerOn(queue, fail, async (job) => given.push(job));
    const message = { id: 'x', receipt: 'x', body: '{"n":1}', receptions: 5 };
    expect(await handle(message)).toBe(true);
    expect(given).toEqual([{ n: 1 }]);
    const letters = await openDeadLetters(sqs.client, queue).list();
    expect(letters).toMatchObject([
      { body: '{"n":1}', reason: 'Failed 5 times, the last time by TypeError: no such bucket  ' },
    ]);
  });

  it('puts a message that is no job there at once', async () => {
    const queue = await sqs.queue();
    const handle = handlerOn(queue, async () => undefined);
    expect(await handle({ id: 'x', receipt: 'x', body: '<svg/>', receptions: 1 })).toBe(true);
    const [letter] = await openDeadLetters(sqs.client, queue).list();
    expect(letter?.reason).toContain('The message is no job');
  });
});

/** Also those that somebody looks at. */
async function messagesIn(QueueUrl: string): Promise<number> {
  const { Attributes = {} } = await sqs.client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
  );
  const { ApproximateNumberOfMessages: seen, ApproximateNumberOfMessagesNotVisible: hidden } = Attributes;
  return Number(seen) + Number(hidden);
}

describe('dead letters', () => {
  it('of workers that died without a word are there too, and say so', async () => {
    const queue = await sqs.queue(0);
    await queue.send('{"n":1}');
    for (let reception = 1; reception <= 6; reception++) await queue.receive();
    const letters = await openDeadLetters(sqs.client, queue).list();
    expect(letters).toMatchObject([{ body: '{"n":1}', reason: expect.stringContaining('without a word') }]);
  });

  it('go back into their queue, each once', async () => {
    const queue = await sqs.queue();
    const handle = handlerOn(queue, async () => Promise.reject(new Error('no')));
    for (let n = 1; n <= 12; n++)
      await handle({ id: `${n}`, receipt: 'x', body: `{"n":${n}}`, receptions: 5 });
    expect(await openDeadLetters(sqs.client, queue).redrive()).toBe(12);
    const bodies = [...(await queue.receive()), ...(await queue.receive())].map(({ Body }) => Body);
    expect(new Set(bodies).size).toBe(12);
    expect(await queue.receiveDead()).toEqual([]);
  });

  it('are in one of the two queues when whoever puts them back dies after any command', async () => {
    for (let lived = 1; lived <= 3; lived++) {
      const queue = await sqs.queue(0);
      await handlerOn(queue, async () => Promise.reject(new Error('no')))({
        ...{ id: '1', receipt: 'x', body: '{"n":1}', receptions: 5 },
      });
      let sent = 0;
      const mortal = {
        send: (command: never) =>
          ++sent > lived ? Promise.reject(new Error('dead')) : sqs.client.send(command),
      } as unknown as typeof sqs.client;
      await expect(openDeadLetters(mortal, queue).redrive()).rejects.toThrow('dead');
      expect((await messagesIn(queue.url)) + (await messagesIn(queue.deadLetterUrl))).toBeGreaterThan(0);
    }
  });
});

describe('the poller', () => {
  it('works off everything, no more at a time than it may, and deletes what is done', async () => {
    const queue = await sqs.queue(1);
    for (let n = 1; n <= 9; n++) await queue.send(`{"n":${n}}`);
    const done = new Map<number, number>();
    let [now, most] = [0, 0];
    const handle = handlerOn(queue, async ({ n }) => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      // One fails the first time.
      const before = done.get(n) ?? 0;
      done.set(n, before + 1);
      now -= 1;
      if (n === 5 && before === 0) throw new Error('once');
    });
    const { client } = sqs;
    const stop = startPoller({ client, queueUrl: queue.url, handle, concurrency: 2, log });
    cleanup(stop);
    await until(() => done.size === 9 && done.get(5) === 2);
    await stop();
    expect(most).toBeLessThanOrEqual(2);
    expect([...done].filter(([n]) => n !== 5).every(([, times]) => times === 1)).toBe(true);
    await until(async () => (await queue.receive()).length === 0);
  });

  it('goes on when the queue was away', async () => {
    const queue = await sqs.queue();
    let fails = 2;
    const { client } = sqs;
    const flaky = {
      send: (...args: Parameters<typeof client.send>) =>
        fails-- > 0 ? Promise.reject(new Error('connection refused')) : client.send(...args),
    } as typeof client;
    const done: number[] = [];
    const handle = handlerOn(queue, async ({ n }) => void done.push(n));
    const stop = startPoller({ client: flaky, queueUrl: queue.url, handle, concurrency: 1, log });
    cleanup(stop);
    await queue.send('{"n":1}');
    await until(() => done.length === 1);
    await stop();
  });
});

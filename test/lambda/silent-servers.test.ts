import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { openS3Blobs } from '../../lambda/shared/blobs/s3';
import { openSqsJobs } from '../../lambda/shared/jobs/sqs';
import { createLog } from '../../lambda/shared/runtime/log';
import { openMysql } from '../../lambda/shared/sql/mysql';
import { limitsFor } from '../../lambda/shared/sql/mysql-connections';
import { openDynamoDbTable } from '../../lambda/shared/tables/dynamodb-table';
import { sessionTouchClient } from '../../lambda/users/sessions/session-touch-client';
import { DIRECTORY_TABLE } from '../../lambda/users/sharding/shard-map';
import { cleanup } from '../support/cleanup';
import { until } from '../support/until';

/** The port of a server that takes connections and never says a word. */
async function silentServer(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  cleanup(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** If a call ends at its time, by timers of this process, which are as late on a busy machine as those of the call. */
async function when(
  seconds: number,
  late: number,
  call: () => Promise<unknown>,
): Promise<'early' | 'in time' | 'late'> {
  let now: 'early' | 'in time' | 'late' = 'early';
  const timers = (
    [
      ['in time', 0.6 * seconds],
      ['late', late],
    ] as const
  ).map(([next, at]) =>
    setTimeout(() => {
      now = next;
    }, at * 1000),
  );
  await call().catch(() => undefined);
  for (const timer of timers) clearTimeout(timer);
  return now;
}

const aws = (port: number) => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
});

const sqlOf = (port: number, use: 'requests' | 'replica') => {
  const sql = openMysql(`mysql://app@127.0.0.1:${port}/shop`, undefined, limitsFor(use));
  cleanup(sql.close);
  return sql.query('SELECT 1');
};

/** The time for which a visitor waits for each, in seconds: together less than nginx waits, which is 30. */
const calls: Readonly<
  Record<string, readonly [seconds: number, call: (port: number) => Promise<unknown>, late?: number]>
> = {
  DynamoDB: [
    4,
    (port) =>
      openDynamoDbTable({ definition: DIRECTORY_TABLE, name: 'table', config: aws(port) }).get(
        { key: 'a' },
        { consistent: true },
      ),
    // Five tries of a second each would take longer.
    4.8,
  ],
  SQS: [
    5,
    async (port) => {
      const jobs = openSqsJobs({
        queueUrl: `http://127.0.0.1:${port}/1/photos`,
        mostWaiting: 1,
        config: aws(port),
      });
      cleanup(async () => jobs.close());
      await jobs.assertRoom();
    },
    // Three tries of two seconds each would take longer.
    5.8,
  ],
  S3: [8, (port) => openS3Blobs('bucket', { ...aws(port), forcePathStyle: true }).head('photos/a'), 12],
  'the database': [4.5, (port) => sqlOf(port, 'requests')],
  'a replica': [1, (port) => sqlOf(port, 'replica')],
  'the process that stores the use of a session': [
    1,
    async (port) => {
      const lines: string[] = [];
      const log = createLog({ write: (line: string) => void lines.push(line) });
      const touch = sessionTouchClient({ url: `http://127.0.0.1:${port}`, log });
      await touch({ id: 'a', userId: 'b', createdAt: 0, lastSeenAt: 0 }, 'token', 1);
      await until(() => lines.length > 0);
    },
  ],
};

// A busy machine may be late now and then; a bound that is wrong is wrong each time.
test.each(Object.keys(calls))(
  'F8: a visitor waits for %s when it is silent for as long as is promised',
  async (name) => {
    const [seconds, call, late = 1.9 * seconds] = calls[name] as (typeof calls)[string];
    const ends: string[] = [];
    while (ends.length < 5 && ends.at(-1) !== 'in time') {
      const port = await silentServer();
      ends.push(await when(seconds, late, () => call(port)));
    }
    expect(ends).toContain('in time');
  },
);

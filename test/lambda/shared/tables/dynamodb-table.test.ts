import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { withDeadline } from '../../../../lambda/shared/runtime/deadline';
import { openDynamoDbTable } from '../../../../lambda/shared/tables/dynamodb-table';
import { type TableDefinition, TableUnavailableError } from '../../../../lambda/shared/tables/table';
import { createTables } from '../../../../local/servers/dynamodb-server';
import { cleanup, cleanupServer } from '../../../support/cleanup';
import { dynamoDb, tableConfig } from './tables';

const definition: TableDefinition = { partition: { name: 'key', type: 'text' } };
const consistent = { consistent: true };

/** A table behind a proxy that may answer instead, or lose an answer. Counts requests. */
async function behind(
  answers: (request: number, pass: () => Promise<void>, response: ServerResponse) => unknown,
) {
  const { url } = await dynamoDb();
  await createTables({ table: definition }, tableConfig(url));
  let requests = 0;
  const bodies: Readonly<Record<string, unknown>>[] = [];
  const proxy = createServer(async (incoming: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    requests += 1;
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
    await answers(
      requests,
      async () => {
        const { host: _, connection: __, 'content-length': ___, ...headers } = incoming.headers;
        const answer = await fetch(url, {
          method: 'POST',
          headers: headers as Record<string, string>,
          body: Buffer.concat(chunks),
        });
        const bytes = Buffer.from(await answer.arrayBuffer());
        response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
        response.end(bytes);
      },
      response,
    );
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  cleanupServer(proxy);
  const at = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const table = openDynamoDbTable({ definition, name: 'table', config: tableConfig(at) });
  cleanup(async () => table.close());
  return { table, requests: () => requests, bodies };
}

const refuse = (response: ServerResponse, status: number, type: string) =>
  response
    .writeHead(status, { 'content-type': 'application/x-amz-json-1.0' })
    .end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type }));

// The servers of the tests have one copy, so only what is asked for can be seen.
test('a read is consistent if it is asked for, since other copies may lack what was just written', async () => {
  const { table, bodies } = await behind((_, pass) => pass());
  await table.get({ key: 'a' }, consistent);
  await table.get({ key: 'a' }, { consistent: false });
  await table.query({ partition: 'a', limit: 1, consistent: true });
  await table.query({ partition: 'a', limit: 1 });
  expect(bodies.map(({ ConsistentRead }) => ConsistentRead === true)).toEqual([true, false, true, false]);
});

test.each([
  [400, 'ProvisionedThroughputExceededException'],
  [400, 'ThrottlingException'],
  [400, 'RequestLimitExceeded'],
  [500, 'InternalServerError'],
])('a request that is answered %i %s is sent again', async (status, type) => {
  const { table, requests } = await behind((request, pass, response) =>
    request < 3 ? refuse(response, status, type) : pass(),
  );
  expect(await table.put({ key: 'a', n: 1 }, 'free')).toBe(true);
  expect(requests()).toBe(3);
  expect(await table.get({ key: 'a' }, consistent)).toEqual({ key: 'a', n: 1 });
});

test('a table that stays throttled is unavailable after five tries, for a 503 with Retry-After', async () => {
  const { table, requests } = await behind((_, __, response) => refuse(response, 400, 'ThrottlingException'));
  const failed = table.get({ key: 'a' }, consistent);
  await expect(failed).rejects.toThrow(TableUnavailableError);
  await expect(failed).rejects.toMatchObject({
    retryAfterSeconds: 1,
    cause: { name: 'ThrottlingException' },
  });
  expect(requests()).toBe(5);
});

test('a table that does not answer is unavailable once nobody waits any longer', async () => {
  const { table } = await behind(() => undefined);
  const failed = withDeadline(300, () => table.get({ key: 'a' }, consistent));
  await expect(failed).rejects.toThrow(TableUnavailableError);
});

test('a request without an answer is given up after a second and sent again', async () => {
  const { table, requests } = await behind((request, pass) => (request > 1 ? pass() : undefined));
  expect(await table.put({ key: 'slow', n: 1 }, 'free')).toBe(true);
  expect(requests()).toBe(2);
});

test('a request that DynamoDB refuses is our mistake: it is sent once and not hidden', async () => {
  const { table, requests } = await behind((_, pass) => pass());
  await expect(table.get({ other: 'a' }, consistent)).rejects.not.toThrow(TableUnavailableError);
  expect(requests()).toBe(1);
});

test('a change whose answer was lost is there, though the repetition says that the key is taken', async () => {
  const { table } = await behind(async (request, pass, response) => {
    if (request > 1) return pass();
    // The server gets the request, and the client a broken connection.
    const end = response.end.bind(response);
    response.end = ((..._: unknown[]) => response.destroy()) as typeof end;
    return pass();
  });
  expect(await table.put({ key: 'a', owner: 'me' }, 'free')).toBe(false);
  expect(await table.get({ key: 'a' }, consistent)).toEqual({ key: 'a', owner: 'me' });
});

import { request } from 'node:http';
import { DEADLINE_HEADER, RPC_HOST } from '../../../../lambda/shared/rpc/contract';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { OverloadedError } from '../../../../lambda/shared/runtime/retry-later';
import { served } from './calls';

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** Sends a request as it is, by the name in `host`. */
const ask = (origin: string, asked: Asked = {}) =>
  new Promise<{ status: number | undefined; retryAfter: string | undefined; body: string }>(
    (resolve, reject) => {
      const { method = 'POST', path = '/rpc/inventory.look', host = RPC_HOST, body = '{"text":"a"}' } = asked;
      const outgoing = request(`${origin}${path}`, {
        method,
        headers: { Host: host, 'Content-Length': Buffer.byteLength(body), ...asked.headers },
      });
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (part) => {
          text += part;
        });
        incoming.once('end', () =>
          resolve({ status: incoming.statusCode, retryAfter: incoming.headers['retry-after'], body: text }),
        );
      });
      outgoing.end(body);
    },
  );

test.each<[string, Asked, number]>([
  ['a call', {}, 200],
  ['a call by the name of the shop, as the public balancer passes it on', { host: 'shop.example' }, 404],
  ['another method of HTTP', { method: 'PUT' }, 404],
  ['an unknown method', { path: '/rpc/inventory.drop' }, 404],
  ['a method of another service', { path: '/rpc/users.look' }, 404],
  ['another form', { body: '{"text":1}' }, 400],
  ['no JSON', { body: 'text' }, 400],
  ['too much', { body: JSON.stringify({ text: 'a'.repeat(70_000) }) }, 413],
  ['a deadline that is no number', { headers: { [DEADLINE_HEADER]: 'soon' } }, 400],
  ['a deadline that is past', { headers: { [DEADLINE_HEADER]: '0' } }, 504],
])('to %s the answer is its status', async (_, asked, status) => {
  expect(await ask(await served(), asked)).toMatchObject({ status });
});

test('a reading process answers reading methods only', async () => {
  const url = await served({}, 'read');
  expect(await ask(url)).toMatchObject({ status: 200 });
  expect(await ask(url, { path: '/rpc/inventory.pay' })).toMatchObject({ status: 404 });
});

test('nobody waits past the deadline for a method that does not end', async () => {
  const url = await served({ look: () => new Promise(() => undefined) });
  expect(await ask(url, { headers: { [DEADLINE_HEADER]: '50' } })).toMatchObject({ status: 504 });
});

test('a refusal says when to try again, and an error says nothing about itself', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ write: (line: string) => void lines.push(JSON.parse(line)) });
  const methods = {
    look: async () => {
      throw new OverloadedError();
    },
    pay: async () => {
      throw new Error('the password is secret');
    },
  };
  const url = await served(methods, 'all', log);
  expect(await ask(url)).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^[1-5]$/) });
  const failed = await ask(url, { path: '/rpc/inventory.pay' });
  expect(failed.status).toBe(500);
  expect(failed.body).not.toContain('secret');
  expect(lines.map(({ level, msg, path }) => [level, msg, path])).toEqual([
    ['warn', 'call refused', '/rpc/inventory.look'],
    ['error', 'unexpected error', '/rpc/inventory.pay'],
  ]);
});

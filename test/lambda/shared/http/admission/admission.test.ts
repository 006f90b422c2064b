import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createAdmission } from '../../../../../lambda/shared/http/admission/admission';
import { createLimiter, type RequestClass } from '../../../../../lambda/shared/http/admission/limiter';
import { type Serving, serve } from '../../../../../lambda/shared/http/serve';
import { createLog } from '../../../../../lambda/shared/runtime/log';
import { cleanup } from '../../../../support/cleanup';
import { until } from '../../../../support/until';

const lines: { msg: string; level: string; refused?: object }[] = [];
const log = createLog({ write: (line) => void lines.push(JSON.parse(line)) });

/** One place for reads, one more for writes, and one more for what is critical. */
const limiter = createLimiter({ mostUnderWay: { read: 1, write: 2, 'log-in': 2, critical: 3 } });
const classes: Readonly<Record<string, RequestClass>> = {
  '/read': 'read',
  '/write': 'write',
  '/buy': 'critical',
};
const admission = createAdmission({
  log,
  limiter,
  classify: (_method, target) => classes[target.replace(/\?.*/, '')],
});

let serving: Serving;
/** Answers of requests that wait, in the order of their arrival. */
const held: (() => void)[] = [];
beforeAll(async () => {
  serving = await serve({
    ...{ log, admission, port: 0 },
    fetch: async ({ url }) => {
      if (url.endsWith('?wait')) await new Promise<void>((go) => held.push(go));
      return new Response('done');
    },
  });
  cleanup(async () => {
    for (const go of held) go();
    admission.stop();
    await serving.stop();
  });
});

const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${serving.port}${path}`, init);
/** Sends a request that is under way until it is released. */
async function begin(path: string) {
  const before = held.length;
  const answer = ask(`${path}?wait`, { method: 'POST' });
  await until(() => held.length > before);
  return async () => {
    held.splice(before, 1)[0]?.();
    expect((await answer).status).toBe(200);
  };
}

it('refuses what finds no place, keeps places for what is more important, and never refuses what has no class', async () => {
  const statuses = async () => {
    const answers = await Promise.all(['/read', '/write', '/buy', '/healthz'].map((path) => ask(path)));
    return answers.map(({ status }) => status);
  };
  expect(await statuses()).toEqual([200, 200, 200, 200]);
  await until(() => limiter.underWay === 0);
  const ends = [await begin('/read')];
  expect((await ask('/read')).status).toBe(503);
  expect((await ask('/write')).status).toBe(200);
  await until(() => limiter.underWay === 1);
  ends.push(await begin('/write'), await begin('/buy'));
  expect(await statuses()).toEqual([503, 503, 503, 200]);
  for (const end of ends.reverse()) await end();
  await until(() => limiter.underWay === 0);
  expect((await ask('/read')).status).toBe(200);
});

it('says in a problem that there are too many requests, and when to come back, not everybody at once', async () => {
  await until(() => limiter.underWay === 0);
  const end = await begin('/read');
  const after = new Set<string | null>();
  for (let n = 0; n < 50; n++) {
    const refused = await ask('/read');
    expect([refused.status, refused.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect(await refused.json()).toEqual({
      ...{ type: 'overloaded', status: 503, title: 'Too many requests at the moment' },
      detail: 'There are too many requests at the moment: try again in a few seconds',
    });
    after.add(refused.headers.get('retry-after'));
  }
  expect(after.size).toBeGreaterThan(1);
  expect([...after].filter((seconds) => !/^[1-5]$/.test(seconds ?? ''))).toEqual([]);
  const head = await ask('/read', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([503, '']);
  await end();
});

it('keeps the connection of a refused request, body and all, for the next one', async () => {
  await until(() => limiter.underWay === 0);
  const end = await begin('/read');
  const socket = connect(serving.port, '127.0.0.1');
  cleanup(() => socket.destroy());
  const body = 'x'.repeat(60_000);
  const head = `POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
  socket.write(head + body);
  expect(await statusLine(socket)).toBe('HTTP/1.1 503');
  socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await statusLine(socket)).toBe('HTTP/1.1 200');
  await end();
});

it('gives a place back when a client goes away', async () => {
  await until(() => limiter.underWay === 0);
  const socket = connect(serving.port, '127.0.0.1');
  const before = held.length;
  socket.write('GET /read?wait HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => held.length > before);
  expect((await ask('/read')).status).toBe(503);
  socket.destroy();
  await until(() => limiter.underWay === 0);
  expect((await ask('/read')).status).toBe(200);
});

it('logs refused requests together, and counts what arrived, what was refused and what is under way', async () => {
  await until(() => limiter.underWay === 0);
  const end = await begin('/read');
  const { arrived, refused, refusedCritical: critical } = admission.counters;
  const underWay = admission.counters.underWayMs();
  await ask('/read');
  await ask('/healthz');
  expect([admission.counters.arrived - arrived, admission.counters.refused - refused]).toEqual([1, 1]);
  expect(admission.counters.refusedCritical).toBe(critical);
  const more = [await begin('/write'), await begin('/buy')];
  await Promise.all([ask('/read'), ask('/buy')]);
  expect(admission.counters.refusedCritical - critical).toBe(1);
  for (const each of more.reverse()) await each();
  await until(() => admission.counters.underWayMs() > underWay);
  await end();
  const reports = () => lines.filter(({ level }) => level === 'warn');
  await until(() => reports().length > 0);
  expect(reports().at(-1)).toMatchObject({
    msg: 'too many requests: some are refused',
    refused: { read: expect.any(Number) },
  });
  expect(lines.filter((line) => JSON.stringify(line).includes('"status":503'))).toEqual([]);
});

async function statusLine(socket: Socket): Promise<string> {
  const [answer] = await once(socket, 'data');
  return String(answer).slice(0, 12);
}

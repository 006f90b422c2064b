import { createRequestLog } from '../../../../lambda/shared/http/request-log';
import { serve } from '../../../../lambda/shared/http/serve';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { span } from '../../../../lambda/shared/runtime/trace';
import { cleanup } from '../../../support/cleanup';
import { until } from '../../../support/until';

interface Line {
  readonly msg: string;
  readonly [name: string]: unknown;
}

const SLOW_MS = 1000;
const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const NOT_SAMPLED = SAMPLED.replace(/1$/, '0');

/** A server whose paths say how it answers. */
async function started(percent?: number) {
  const lines: Line[] = [];
  const log = createLog({ write: (line: string) => lines.push(JSON.parse(line)) });
  const requestLog = createRequestLog({ log, percent });
  const { port, stop } = await serve({
    ...{ log, requestLog, port: 0 },
    fetch: async ({ url }) => {
      if (url.includes('/slow')) await span('wait', () => until(slowEnough()));
      if (url.includes('/failing')) await span('try', async () => undefined);
      return new Response('', { status: Number(/\/(\d{3})$/.exec(url)?.[1] ?? 200) });
    },
  });
  const stopOnce = cleanup(stop);
  return {
    lines,
    requestLog,
    requests: () => lines.filter(({ msg }) => msg === 'request'),
    totals: () => lines.filter(({ msg }) => msg === 'requests so far'),
    stop: stopOnce,
    ask: async (path: string, method = 'GET', headers: Record<string, string> = {}) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers });
      await answer.arrayBuffer();
      return answer.headers.get('x-request-id');
    },
  };
}

/** True once a request is slow. */
function slowEnough(): () => boolean {
  const from = performance.now();
  return () => performance.now() - from > SLOW_MS;
}

afterEach(() => jest.useRealTimers());

it('logs or counts every answer: lines and counted ones are the answers', async () => {
  const shop = await started(50);
  const all: [string, string?][] = Array.from({ length: 200 }, (_, n) => [`/products/${n}a`]);
  all.push(['/missing/404'], ['/broken/500'], ['/slow'], ['/orders', 'POST'], ['/orders/1', 'DELETE']);
  await Promise.all(all.map(([path, method]) => shop.ask(path, method)));
  await shop.stop();
  const [total, ...others] = shop.totals();
  expect(others).toEqual([]);
  expect(total).toMatchObject({ process: expect.stringMatching(/^[0-9a-f]{8}$/), answered: all.length });
  expect(total?.logged).toBe(shop.requests().length);
  // Twelve standard deviations of the half.
  expect(shop.requests().length).toBeGreaterThan(20);
  expect(shop.requests().length).toBeLessThan(190);
});

it('logs no word that somebody searched for', async () => {
  const shop = await started();
  await shop.ask('/products?q=something+private');
  await shop.stop();
  expect(shop.requests().map(({ path }) => path)).toEqual(['/products']);
  expect(JSON.stringify(shop.lines)).not.toContain('private');
});

it('always logs what was refused, failed, slow or a write, and nothing else when the share is small', async () => {
  const shop = await started(1e-9);
  const special: [string, string?][] = [
    ...[['/missing/404'], ['/refused/429'], ['/broken/500'], ['/slow']],
    ...[
      ['/orders', 'POST'],
      ['/orders/1', 'PUT'],
      ['/orders/1', 'DELETE'],
    ],
  ] as [string, string?][];
  for (const path of ['/a', '/b', '/unchanged/304']) await shop.ask(path);
  await shop.ask('/a', 'HEAD');
  // A call of another service, whose cause has a line of its own.
  await shop.ask('/rpc/users.identify', 'POST');
  for (const [path, method] of special) await shop.ask(path, method);
  await shop.stop();
  expect(shop.requests().map(({ path }) => path)).toEqual(special.map(([path]) => path));
  expect(shop.totals()).toEqual([expect.objectContaining({ answered: 12, logged: 7 })]);
});

it('logs all reads by default', async () => {
  const shop = await started();
  for (const path of ['/a', '/b', '/c']) await shop.ask(path);
  await shop.stop();
  expect(shop.requests()).toHaveLength(3);
});

it.each([
  ['a share of next to none, by a proxy that sampled the request', 1e-9, SAMPLED, 1],
  ['all, by a proxy that did not', 100, NOT_SAMPLED, 0],
])('replaces its own decision, %s', async (_, percent, traceparent, count) => {
  const shop = await started(percent);
  await shop.ask('/a', 'GET', { traceparent });
  await shop.stop();
  expect(shop.requests()).toHaveLength(count);
});

it('continues the trace of the proxy, and begins one with its own id otherwise', async () => {
  const shop = await started();
  await shop.ask('/a', 'GET', { traceparent: SAMPLED, 'X-Request-Id': 'abc-12345678' });
  const requestId = await shop.ask('/b');
  await shop.stop();
  expect(shop.requests()).toEqual([
    expect.objectContaining({ requestId: 'abc-12345678', traceId: SAMPLED.slice(3, 35) }),
    expect.objectContaining({ requestId, traceId: requestId?.replaceAll('-', '') }),
  ]);
});

it('tells what a slow request waited for, sampled or not', async () => {
  const shop = await started(1e-9);
  await shop.ask('/slow', 'GET', { traceparent: NOT_SAMPLED });
  await shop.stop();
  const [line] = shop.requests();
  expect(line?.spans).toEqual([{ name: 'wait', at: expect.any(Number), ms: expect.any(Number) }]);
});

it('tells what a failed request waited for, sampled or not, and nothing of one that was merely refused', async () => {
  const shop = await started(1e-9);
  for (const path of ['/failing/500', '/failing/409'])
    await shop.ask(path, 'GET', { traceparent: NOT_SAMPLED });
  await shop.stop();
  expect(shop.requests().map(({ status, spans }) => [status, spans])).toEqual([
    [500, [expect.objectContaining({ name: 'try' })]],
    [409, undefined],
  ]);
});

it('tells the totals each minute in which something was answered', () => {
  jest.useFakeTimers();
  const lines: Line[] = [];
  const requestLog = createRequestLog({
    log: createLog({ write: (line: string) => lines.push(JSON.parse(line)) }),
    percent: 1e-9,
  });
  const answer = () => requestLog.begin({ method: 'GET', url: '/a', headers: {} }).done(200);
  const answeredBy = (ms: number) => {
    jest.advanceTimersByTime(ms);
    return lines.map(({ answered, logged }) => [answered, logged]);
  };
  answer();
  expect(answeredBy(59_999)).toEqual([]);
  expect(answeredBy(1)).toEqual([[1, 0]]);
  expect(answeredBy(60_000)).toHaveLength(1);
  answer();
  answer();
  expect(answeredBy(60_000).at(-1)).toEqual([3, 0]);
  requestLog.stop();
  answer();
  expect(answeredBy(120_000)).toHaveLength(2);
});

it('samples the times of all answers, and not only of those that are logged', async () => {
  const shop = await started(1e-9);
  for (let n = 0; n < 150; n++) await shop.ask('/a');
  await shop.stop();
  expect(shop.requests()).toEqual([]);
  expect(shop.requestLog.takeMilliseconds()).toHaveLength(100);
  expect(shop.requestLog.takeMilliseconds()).toEqual([]);
});

import { createLog } from '../../../../lambda/shared/runtime/log';
import {
  currentTrace,
  inTrace,
  parentOf,
  span,
  type Trace,
  traceHeaders,
} from '../../../../lambda/shared/runtime/trace';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

const begun = (sampled = true): Trace => ({
  ...{ requestId: 'request-1', traceId: TRACE_ID, sampled },
  startedAt: performance.now(),
  spans: [],
});

it('records work that a request waits for, nested and failed work too', async () => {
  const trace = begun();
  await inTrace(trace, () =>
    span('outer', () => span('inner', () => Promise.reject(new RangeError('no')))).catch(() => undefined),
  );
  expect(trace.spans).toEqual([
    { name: 'inner', at: expect.any(Number), ms: expect.any(Number), failed: 'RangeError' },
    { name: 'outer', at: expect.any(Number), ms: expect.any(Number), failed: 'RangeError' },
  ]);
  const [inner, outer] = trace.spans;
  expect(outer?.at).toBeLessThanOrEqual(inner?.at ?? 0);
});

it('keeps requests apart that are under way at the same time', async () => {
  const [one, other] = [begun(), begun()];
  await Promise.all([
    inTrace(one, () => span('a', () => new Promise(setImmediate))),
    inTrace(other, () => span('b', () => new Promise(setImmediate))),
  ]);
  expect([one, other].map(({ spans }) => spans.map(({ name }) => name))).toEqual([['a'], ['b']]);
});

it('only does the work outside of a request', async () => {
  expect(await span('background', async () => currentTrace() ?? 'no trace')).toBe('no trace');
  expect(traceHeaders()).toEqual({});
});

it('does not grow with the work of a request', async () => {
  const trace = begun();
  await inTrace(trace, async () => {
    for (let n = 0; n < 100; n++) await span('statement', async () => undefined);
  });
  expect(trace.spans).toHaveLength(40);
});

it.each([true, false])('passes its id and the decision (sampled: %s) on to the next process', (sampled) => {
  const { traceparent, 'X-Request-Id': requestId } = inTrace(begun(sampled), traceHeaders);
  expect(requestId).toBe('request-1');
  expect(parentOf(traceparent)).toEqual({ traceId: TRACE_ID, sampled });
});

it.each([
  undefined,
  '',
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
  '01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more',
  '{"level":"error"}',
])('takes %j for no trace', (header) => {
  expect(parentOf(header)).toBeUndefined();
});

it('gives every line that is written for a request its ids', async () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ write: (line: string) => lines.push(JSON.parse(line)) });
  await inTrace(begun(), async () => {
    await new Promise(setImmediate);
    log.warn({ times: 1 }, 'the cache failed');
  });
  log.info('later');
  expect(lines).toEqual([
    expect.objectContaining({ requestId: 'request-1', traceId: TRACE_ID, times: 1 }),
    expect.not.objectContaining({ traceId: expect.anything() }),
  ]);
});

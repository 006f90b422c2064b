import { parentOf } from '../../lambda/shared/runtime/trace';
import { eventually, until } from '../support/until';
import { describeWith } from './support';
import { type Answer, WebTier } from './web-tier';

interface Line {
  readonly requestId: string;
  readonly traceId: string;
  readonly cdnId: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly seconds: number;
}

describeWith('nginx', 'openssl')('the log of nginx where reads are sampled', () => {
  let tier: WebTier;

  beforeAll(async () => {
    tier = await WebTier.start({ read: 1, write: 1, loggedReadsPercent: 20 });
  });
  beforeEach(() => tier.reset());

  const lines = (): Line[] =>
    tier.host
      .read('var/log/nginx/access.log')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const ids = (answers: readonly Answer[]) => answers.map(({ headers }) => String(headers['x-request-id']));
  const many = (count: number, ask: (n: number) => Promise<Answer>) =>
    Promise.all(Array.from({ length: count }, (_, n) => ask(n)));
  /** The lines of these requests, once the last of them, which is always logged, is written. */
  const linesOf = async (answers: readonly Answer[]): Promise<Line[]> => {
    const last = await tier.ask('POST', '/api/last');
    await eventually(async () => expect(lines().map(({ requestId }) => requestId)).toContain(ids([last])[0]));
    const wanted = new Set(ids(answers));
    return lines().filter(({ requestId }) => wanted.has(requestId));
  };

  it('logs the share that it passes on as sampled, and no other read that goes well', async () => {
    const answers: Answer[] = [];
    for (let n = 0; n < 300; n++) answers.push(await tier.ask('GET', `/api/orders/${n}`));
    const seen = tier.read[0]?.seen ?? [];
    const sampled = seen.filter(({ headers }) => parentOf(headers.traceparent)?.sampled);
    const logged = await linesOf(answers);
    const paths = sampled.map(({ url }) => url);
    expect(logged.map(({ path }) => path)).toEqual(expect.arrayContaining(paths));
    // On a machine that stands still, others are slow, and are logged for that.
    const quick = logged.filter(({ seconds }) => seconds < 1);
    expect(paths).toEqual(expect.arrayContaining(quick.map(({ path }) => path)));
    // Eight standard deviations around 60.
    expect(logged.length).toBeGreaterThan(5);
    expect(logged.length).toBeLessThan(116);
  });

  it('logs every write and every refusal', async () => {
    for (const app of tier.apps) {
      app.handler = ({ url }, answer) => void answer.writeHead(Number(url.slice(-3)) || 200).end();
    }
    const writes = await many(20, () => tier.ask('POST', '/api/orders/201'));
    const refused = await many(20, () => tier.ask('GET', '/api/orders/404'));
    const failed = await many(20, () => tier.ask('GET', '/api/orders/500'));
    const none = await many(5, () => tier.ask('GET', '/nothing'));
    expect(await linesOf([...writes, ...refused, ...failed, ...none])).toHaveLength(65);
  });

  it('logs every answer that took a second', async () => {
    const from = performance.now();
    for (const app of tier.apps) {
      app.handler = async ({ url }, answer) => {
        await until(() => performance.now() - from > 1100);
        answer.end(url);
      };
    }
    const answers = await many(10, (n) => tier.ask('GET', `/api/orders/slow-${n}`));
    expect(await linesOf(answers)).toHaveLength(10);
  });

  it('gives a request the id of the balancer and the CDN on all of its way, and decides itself', async () => {
    const [epoch, unique] = ['67891233', 'abcdef012345678912345678'];
    const answer = await tier.ask('POST', '/api/orders', {
      'X-Amzn-Trace-Id': `Self=1-67891234-12456789abcdef012345678;Root=1-${epoch}-${unique}`,
      'X-Amz-Cf-Id': 'the-id-of-the-cdn==',
      // Those of a client are worth nothing.
      traceparent: '00-11111111111111111111111111111111-2222222222222222-01',
      tracestate: 'x=1',
    });
    const headers = tier.write[0]?.seen[0]?.headers ?? {};
    expect(parentOf(headers.traceparent)?.traceId).toBe(epoch + unique);
    expect(headers).not.toHaveProperty('tracestate');
    const traceId = epoch + unique;
    expect(await linesOf([answer])).toEqual([
      expect.objectContaining({ traceId, cdnId: 'the-id-of-the-cdn==', method: 'POST', status: 200 }),
    ]);
  });

  it.each(['', 'Root=1-6789-short', 'Root=1-67891233-ABCDEF012345678912345678', `{"x":"${'y'.repeat(50)}"}`])(
    'begins a trace with the id of the request where the balancer gave none: %j',
    async (given) => {
      const answer = await tier.ask('POST', '/api/orders', { 'X-Amzn-Trace-Id': given });
      const [requestId] = ids([answer]);
      expect(parentOf(tier.write[0]?.seen[0]?.headers.traceparent)?.traceId).toBe(requestId);
      expect(await linesOf([answer])).toEqual([expect.objectContaining({ requestId, traceId: requestId })]);
    },
  );
});

import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, until } from '../support/until';
import { HeldAnswers } from './held-answers';
import { expectOverloaded } from './refusals';
import { workersOf } from './shipped';
import { describeWith } from './support';
import { type Answer, WebTier } from './web-tier';

const ROOM = 4;
const CRITICAL = ['/api/reservations/1/confirm', '/api/reservations/1/release'];

describeWith('nginx', 'openssl')('a web host whose application is full', () => {
  let tier: WebTier;
  let held: HeldAnswers;

  beforeAll(async () => {
    // Each worker has room of its own.
    tier = await WebTier.start({ read: 1, write: 1, server: `max_fails=0 max_conns=${ROOM}`, workers: 1 });
  });
  beforeEach(() => {
    tier.reset();
    held = new HeldAnswers();
  });

  const hold = (pool: 'read' | 'write') => {
    for (const app of tier[pool]) app.handler = held.hold;
  };
  /** Resolves to its answers, once they are released, when all that have room are under way. */
  const fill = async (
    method: string,
    path: string,
    count = ROOM,
  ): Promise<{ answers: Promise<Answer[]> }> => {
    const already = held.count;
    const answers = Promise.all(Array.from({ length: count }, () => tier.ask(method, path)));
    await until(() => held.count === already + count);
    return { answers };
  };

  it.each([
    ['GET', '/api/orders', 'read'],
    ['GET', '/api/products', 'read'],
    ['POST', '/api/orders', 'write'],
    ['PUT', '/api/products/1', 'write'],
    ['DELETE', '/api/sessions', 'write'],
    ['POST', '/api/sessions', 'write'],
    ...CRITICAL.map((path) => ['POST', path, 'write'] as const),
  ] as const)(
    'passes %s %s on while there is room, and refuses the rest at once',
    async (method, path, pool) => {
      hold(pool);
      // Different ones, since one copy would be made for all.
      let [under, answered] = [0, 0];
      const all = Array.from({ length: 5 * ROOM }, async () => {
        const answer = await tier.ask(method, `${path}?n=${under++}`);
        answered += 1;
        return answer;
      });
      await until(() => answered === 4 * ROOM && held.count === ROOM);
      held.release();
      const answers = await Promise.all(all);
      expect(answers.filter(({ status }) => status === 200).length).toBe(ROOM);
      for (const refused of answers.filter(({ status }) => status !== 200)) expectOverloaded(refused);
      expect(tier.apps.flatMap(({ seen }) => seen).length).toBe(ROOM);
    },
  );

  it('asks clients to come back at different times', async () => {
    hold('read');
    const { answers } = await fill('GET', '/api/orders');
    const refused = await Promise.all(Array.from({ length: 50 }, () => tier.ask('GET', '/api/orders')));
    expect(new Set(refused.map(({ headers }) => headers['retry-after'])).size).toBeGreaterThan(2);
    held.release();
    await answers;
  });

  it('has its room back when the answers have come, however often', async () => {
    hold('read');
    for (let times = 0; times < 5; times++) {
      const { answers } = await fill('GET', '/api/orders');
      expectOverloaded(await tier.ask('GET', '/api/orders'));
      held.release();
      for (const { status } of await answers) expect(status).toBe(200);
    }
  });

  it('keeps room for confirmations and releases, and for reads and changes apart from each other', async () => {
    hold('read');
    hold('write');
    const full = [await fill('GET', '/api/orders'), await fill('POST', '/api/orders')];
    for (const app of tier.write) app.handler = (_, answer) => void answer.end('done');
    for (const path of CRITICAL) {
      expect(await tier.ask('POST', path)).toMatchObject({ status: 200, body: 'done' });
      // A customer who has just changed something.
      expect(await tier.ask('POST', path, { Cookie: 'wrote=a' })).toMatchObject({ status: 200 });
    }
    expectOverloaded(await tier.ask('GET', '/api/orders'));
    expectOverloaded(await tier.ask('POST', '/api/reservations'));
    // Anybody may ask for one.
    expectOverloaded(await tier.ask('POST', '/api/sessions'));
    held.release();
    for (const { answers } of full) await answers;
  });

  it('answers from its copies meanwhile, new or old', async () => {
    for (const app of tier.read) {
      app.handler = ({ url }, answer) => {
        const seconds = url.includes('old') ? 1 : 60;
        answer.writeHead(200, { 'Cache-Control': `public, max-age=${seconds}` }).end(url);
      };
    }
    const copies = ['/api/products/new', '/api/products/old'];
    const read = () => Promise.all(copies.map(async (path) => (await tier.ask('GET', path)).body));
    const before = await read();
    await sleep(2100);
    hold('read');
    const { answers } = await fill('GET', '/api/orders');
    expect(await read()).toEqual(before);
    expectOverloaded(await tier.ask('GET', '/api/products/without-a-copy'));
    held.release();
    await answers;
  });

  it('answers health checks', async () => {
    hold('read');
    const { answers } = await fill('GET', '/api/orders');
    expect(await tier.ask('GET', '/healthz')).toMatchObject({ status: 200 });
    held.release();
    await answers;
  });

  it('says in its access log that none was asked', async () => {
    hold('read');
    const { answers } = await fill('GET', '/api/orders');
    const { headers } = await tier.ask('GET', '/api/orders');
    held.release();
    await answers;
    const line = await eventually(async () => {
      const lines = tier.host.read('var/log/nginx/access.log').split('\n');
      return JSON.parse(lines.find((text) => text.includes(String(headers['x-request-id']))) ?? '');
    });
    expect(line).toMatchObject({ status: 503, upstream: 'read', upstreamConnectSeconds: '-' });
  });

  it('does not lose the room of a worker that dies', async () => {
    hold('read');
    const { answers } = await fill('GET', '/api/orders');
    const cut = expect(answers).rejects.toThrow();
    const [worker = 0] = workersOf(tier.nginx?.pid);
    process.kill(worker, 'SIGKILL');
    await cut;
    await eventually(() => tier.ask('GET', '/healthz'));
    held.release();
    const again = await fill('GET', '/api/orders');
    held.release();
    for (const { status } of await again.answers) expect(status).toBe(200);
  });
});

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { evenly } from '../../../lab/load/arrivals';
import { generate, type Step } from '../../../lab/load/generator';
import { openPool } from '../../../lab/load/pool';
import type { Latency, Result } from '../../../lab/load/recording';
import { GeneratorBoundError, isGeneratorBound, sound, soundly } from '../../../lab/load/soundness';
import { cleanup, cleanupServer, closing } from '../../support/cleanup';

const PERIOD_MS = 1500;
const STALL_MS = 500;
const QUANTILES = { p50: 0.5, p90: 0.9, p99: 0.99 } as const;

const step = (over: Partial<Step> = {}): Step => ({
  kind: 'page',
  method: 'GET',
  path: '/',
  check: ({ status }) => (status === 200 ? undefined : `${status}`),
  ...over,
});
const poolTo = (port: number, connections: number) =>
  openPool({ target: { host: '127.0.0.1', port, tls: false }, connections });

describe('the generator against a server that stalls', () => {
  let port: number;
  const stalls: { from: number; to: number }[] = [];

  beforeAll(async () => {
    const options = { execArgv: ['--import', 'tsx'] };
    const server = fork(
      join(__dirname, 'stalling-server.ts'),
      [String(PERIOD_MS), String(STALL_MS)],
      options,
    );
    cleanup(() => server.kill());
    [{ port }] = (await once(server, 'message')) as [{ port: number }];
    server.on('message', (stall) => stalls.push(stall as { from: number; to: number }));
  });

  async function loaded(connections: number) {
    const pool = closing(poolTo(port, connections));
    const results: Result[] = [];
    const start = performance.timeOrigin + performance.now();
    const arrivals = evenly(200, (3 * PERIOD_MS) / 1000);
    const load = await generate({ pool, arrivals, next: () => step(), onResult: (one) => results.push(one) });
    pool.close();
    const all = load.kinds.all;
    if (!all) throw new Error('There is no summary');
    // Requests that are due during a stall wait for its end, and all others are answered at once.
    const expected = results
      .map(({ scheduled }) => {
        const at = start + scheduled;
        const stall = stalls.find(({ from, to }) => from <= at && at < to);
        return stall ? stall.to - at : 0;
      })
      .sort((one, other) => one - other);
    const expectedAt = (quantile: number) => expected[Math.ceil(expected.length * quantile) - 1] ?? 0;
    const differences = (latency: Latency) =>
      Object.entries(QUANTILES).map(([name, quantile]) =>
        Math.abs(latency[name as keyof typeof QUANTILES] - expectedAt(quantile)),
      );
    expect(all).toMatchObject({ requests: 900, errors: {} });
    /** By how much it differs beyond what the generator itself was late. */
    const worst = Math.max(...differences(all.corrected)) - load.lag.p99;
    return { all, isRight: worst < STALL_MS / 5 };
  }

  /** Other programs may add stalls that nobody sees. A generator that is wrong is wrong each time. */
  async function soonRight(connections: number) {
    for (let attempt = 1; attempt < 30; attempt++) {
      const { all, isRight } = await loaded(connections);
      if (isRight) return all;
    }
    throw new Error('The percentiles were wrong each time');
  }

  it('reports the percentiles that the stalls make, with connections to spare', async () => {
    await soonRight(300);
  });

  it('reports them on a single connection too, where latency from the time of sending is far from right', async () => {
    const all = await soonRight(1);
    expect(all.uncorrected.p90).toBeLessThan(all.corrected.p90 / 2);
  });
});

describe('the generator', () => {
  let port: number;
  beforeAll(async () => {
    const server = createServer((request, response) => {
      if (request.url === '/never') return;
      if (request.url === '/cut') return void request.socket.destroy();
      if (request.url === '/chunks') {
        response.write('a');
        return void setImmediate(() => response.end('b'));
      }
      response.statusCode = request.url === '/busy' ? 503 : 200;
      response.end(request.url);
    }).listen(0, '127.0.0.1');
    cleanupServer(server);
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });

  const loaded = async (next: () => Step, timeoutMs = 10_000) => {
    const pool = closing(poolTo(port, 4));
    const load = await generate({ pool, arrivals: evenly(100, 0.2), next, timeoutMs });
    pool.close();
    return load;
  };

  it('counts errors by their kind, and gives them no latency', async () => {
    const paths = ['/busy', '/cut', '/fine', '/never'];
    let at = 0;
    let lost = 0;
    const next = () => {
      const path = paths[at++ % paths.length] ?? '';
      return step({ kind: path, path, lost: () => lost++ });
    };
    const { kinds } = await loaded(next, 2000);
    expect(kinds['/busy']).toMatchObject({ requests: 5, errors: { 503: 5 }, corrected: { max: 0 } });
    expect(kinds['/cut']?.errors).toEqual({ 'The connection was closed': 5 });
    expect(kinds['/fine']).toMatchObject({ requests: 5, errors: {} });
    expect(kinds['/never']?.errors).toEqual({ 'no answer in time': 5 });
    expect(kinds.all?.requests).toBe(20);
    expect(lost).toBe(10);
  });

  it('counts an answer that is not what was expected as an error, however fast it was', async () => {
    const next = () =>
      step({ path: '/1', check: ({ body }) => (body.toString() === '/2' ? undefined : 'wrong: not /2') });
    const { kinds } = await loaded(next);
    expect(kinds.page).toMatchObject({ requests: 20, errors: { 'wrong: not /2': 20 } });
  });

  it('reads answers in chunks, and goes on with what a caller does next', async () => {
    const second = step({
      kind: 'second',
      path: '/chunks',
      check: ({ body }) => (`${body}` === 'ab' ? undefined : `${body}`),
    });
    const { kinds } = await loaded(() => step({ following: () => second }));
    expect(kinds.second).toMatchObject({ requests: 20, errors: {} });
    expect(kinds.all?.requests).toBe(40);
  });

  it('hears answers, and ends, also when it can never send as fast as it should', async () => {
    function* allAtOnce() {
      for (;;) yield 0;
    }
    const pool = closing(poolTo(port, 4));
    let answered = 0;
    const check = () => {
      answered++;
      return undefined;
    };
    const load = await generate({
      ...{ pool, arrivals: allAtOnce(), timeoutMs: 60_000 },
      next: () => step({ check }),
      stop: () => answered > 0,
    });
    pool.close();
    expect(isGeneratorBound(load)).toBe(true);
  });

  it('refuses to report what it measured when it was the bottleneck', async () => {
    let first = true;
    const load = await loaded(() => {
      // Keeps this process busy, so that requests that are due meanwhile are late.
      for (const until = performance.now() + (first ? 100 : 0); performance.now() < until; );
      first = false;
      return step();
    });
    expect(isGeneratorBound(load)).toBe(true);
    expect(() => sound(load)).toThrow(GeneratorBoundError);
    expect(() => sound(load)).toThrow(/The generator was the bottleneck: p99 of its own lag \d+/);
    const calm = { ...load, lag: { ...load.lag, p99: 1 }, generatorCpu: 0.2 };
    expect(sound(calm)).toBe(calm);
    const results = [{ load }, { load }, { load: calm }];
    expect(await soundly(async () => results.shift() ?? { load })).toEqual({ load: calm });
    await expect(soundly(async () => ({ load }))).rejects.toThrow(GeneratorBoundError);
  });
});

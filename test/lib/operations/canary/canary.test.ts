import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '../../../../lambda/shared/http/serve';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { bundle } from '../../../../lib/bundle';
import { type Step, visit } from '../../../../lib/operations/canary/visit.steps';
import { phases } from '../../../../lib/phases';
import { openShop } from '../../../../local/shop';
import { cleanup } from '../../../support/cleanup';
import { lambdaEnvironment } from '../../aws';
import { SecretsManager } from '../../secrets-manager';

const PASSWORD = 'q9Zk3TokenOfTheCanary8842xYz';

interface Line {
  readonly msg: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** The shop of this machine, with its sample products, on a port. */
async function started() {
  const folder = mkdtempSync(join(tmpdir(), 'shop-canary-'));
  cleanup(() => rmSync(folder, { recursive: true }));
  const lines: Line[] = [];
  const log = createLog({ write: (line: string) => lines.push(JSON.parse(line)) });
  const shop = await openShop(folder, phases[0] as (typeof phases)[number], log);
  cleanup(shop.close);
  const { port, stop } = await serve({ fetch: shop.fetch, log, port: 0 });
  cleanup(stop);
  const url = `http://127.0.0.1:${port}/`;
  const available = async (): Promise<number[]> => {
    const answer = await fetch(`${url}api/products?limit=100`);
    const { items } = (await answer.json()) as { items: { available: number }[] };
    return items.map((item) => item.available);
  };
  const requests = () => lines.filter(({ msg }) => msg === 'request');
  return { url, available, requests };
}

const steps: string[] = [];
const step: Step = async (name, work) => {
  steps.push(name);
  await work();
};
beforeEach(() => {
  steps.length = 0;
});

it('makes its account at the first visit, and shops at every one without a trace in the stock', async () => {
  const { url, available, requests } = await started();
  const before = await available();
  for (let n = 0; n < 3; n++) await visit({ url, password: PASSWORD, step });
  expect(steps.slice(0, 4)).toEqual(['browse', 'log in', 'reserve', 'release']);
  expect(steps).toHaveLength(12);
  expect(await available()).toEqual(before);
  const made = requests().filter(({ method, path }) => method === 'POST' && path === '/api/users');
  expect(made).toHaveLength(1);
  // The one refusal: the first log-in, of an account that was not there.
  expect(requests().filter(({ status }) => status >= 400)).toEqual([
    expect.objectContaining({ path: '/api/sessions', status: 401 }),
  ]);
});

it('is not throttled by a day of visits', async () => {
  const { url, requests } = await started();
  for (let n = 0; n < 30; n++) await visit({ url, password: PASSWORD, step });
  expect(requests().filter(({ status }) => status === 429)).toEqual([]);
});

it('gives back what a visit left that was cut off', async () => {
  const { url, available } = await started();
  const before = await available();
  const cut: Step = async (name, work) => {
    if (name === 'release') throw new Error('cut off');
    await work();
  };
  for (let n = 0; n < 12; n++)
    await expect(visit({ url, password: PASSWORD, step: cut })).rejects.toThrow('cut off');
  await visit({ url, password: PASSWORD, step });
  expect(await available()).toEqual(before);
});

it('makes another account for another password', async () => {
  const { url } = await started();
  await visit({ url, password: PASSWORD, step });
  await visit({ url, password: `${PASSWORD}2`, step });
  expect(steps).toHaveLength(8);
});

it('fails in the step in which the shop fails, with the request and the answer', async () => {
  const log = createLog({ write: () => undefined });
  const { port, stop } = await serve({
    ...{ log, port: 0 },
    fetch: (request) =>
      new URL(request.url).pathname === '/'
        ? new Response('<title>Shop</title>')
        : new Response('{"type":"unavailable"}', { status: 503 }),
  });
  cleanup(stop);
  const failed = visit({ url: `http://127.0.0.1:${port}/`, password: PASSWORD, step });
  await expect(failed).rejects.toThrow(
    /GET \/api\/products was answered 503, not 200 \(request [\w-]+\): .*unavailable/,
  );
  expect(steps).toEqual(['browse']);
});

it('runs as the bundle that is deployed, inside of what Synthetics gives it', async () => {
  const { url, available, requests } = await started();
  const before = await available();
  const folder = mkdtempSync(join(tmpdir(), 'shop-canary-bundle-'));
  cleanup(() => rmSync(folder, { recursive: true }));
  cpSync(bundle().handler('canary'), folder, { recursive: true });
  // The one module of the runtime.
  const runtime = join(folder, 'node_modules/@aws/synthetics-core');
  mkdirSync(runtime, { recursive: true });
  writeFileSync(
    join(runtime, 'index.js'),
    'exports.steps = []; exports.synthetics = { executeStep: async (name, work) => { exports.steps.push(name); return work(); } };',
  );
  const secrets = await SecretsManager.start();
  secrets.set('canary', { password: PASSWORD });
  lambdaEnvironment({ SHOP_URL: url, SECRET: 'canary' });
  await require(join(folder, 'index.js')).handler({});
  expect(require(join(runtime, 'index.js')).steps).toEqual(['browse', 'log in', 'reserve', 'release']);
  expect(await available()).toEqual(before);
  expect(requests().length).toBeGreaterThan(8);
});

/**
 * Measures the savings of each cache between a product and its reader: CPU microseconds a request of nginx, of the app
 * and of the database, for a GET answered by nginx's micro-cache, the same with a forged cookie `wrote`, by the app's
 * ready bytes, or from the rows (a list of one product, since one product may not be read past the caches so often).
 * On the servers of `npm start -- --phase 3 --servers`; Linux. Interleaved rounds, medians:
 * `npx tsx lab/bench/web-tier.ts [rounds]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { createLog } from '../../lambda/shared/runtime/log';
import { cursor } from '../../lambda/shared/sql/pagination';
import { phaseNumbered } from '../../lib/phases';
import { dataDirPaths } from '../../local/data-dir';
import { readPidfile } from '../../local/servers/pidfile';
import { openServedShop } from '../../local/servers/shop';
import { median } from '../analysis/statistics';
import { sampleCpu } from '../measure/cpu';
import { type Component, processesOf } from '../servers/components';

const REQUESTS = 4000;
const CONNECTIONS = 16;
/** The requests by number. The cache key of nginx is the whole query, that of the app the parameters that it knows. */
const WAYS = {
  'micro-cache': (product) => ({ path: product }),
  'forged cookie': (product, at) => ({
    path: product,
    cookie: `wrote=${Date.now() + at}.${'a'.repeat(11)}.${'a'.repeat(43)}`,
  }),
  'ready bytes': (product, at) => ({ path: `${product}?at=${at}` }),
  rows: () => ({ path: `/api/products?limit=1&after=${cursor(uuidv7())}` }),
} satisfies Record<string, (product: string, at: number) => { path: string; cookie?: string }>;
type Way = keyof typeof WAYS;
const PARTS = ['nginx', 'app', 'database'] as const;
type Costs = Readonly<Record<(typeof PARTS)[number], number>>;

async function main(rounds: number): Promise<void> {
  const phase = phaseNumbered(3);
  if (!phase || process.platform !== 'linux') throw new Error('This needs Linux and phase 3');
  const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'));
  const say = (line: string) => console.error(line);
  const log = createLog({ write: () => undefined });
  const shop = await openServedShop(folder, { phase, log, say, stopped: new Promise(() => undefined) });
  try {
    const port = Number(
      /127\.0\.0\.1:(\d+)/.exec(shop.runsOn.find(([name]) => name === 'nginx')?.[1] ?? '')?.[1],
    );
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, rejectUnauthorized: false });
    const ask = asking(port, agent);
    const { items } = JSON.parse(await ask({ path: '/api/products?limit=1' }));
    let asked = 0;
    const ways = Object.keys(WAYS) as Way[];
    const measured = new Map(ways.map((way) => [way, [] as Costs[]]));
    for (let round = -1; round < rounds; round++) {
      for (const way of ways) {
        const before = costs(folder);
        await load(() => ask(WAYS[way](`/api/products/${items[0].id}`, asked++)));
        // The first round warms up.
        if (round >= 0) measured.get(way)?.push(perRequest(before, costs(folder)));
      }
      say(`round ${round + 1} of ${rounds}`);
    }
    agent.destroy();
    print(measured, rounds);
  } finally {
    await shop.close();
    rmSync(folder, { recursive: true });
  }
}

/** Each request from a customer of its own, since a customer has 50 a second. */
function asking(port: number, agent: Agent) {
  let customer = 0;
  return ({ path, cookie }: { path: string; cookie?: string }): Promise<string> => {
    customer++;
    const from = `203.${(customer >> 16) & 255}.${(customer >> 8) & 255}.${customer & 255}`;
    const headers = { 'X-Forwarded-For': from, ...(cookie && { Cookie: cookie }) };
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, agent, headers }, async (answer) => {
        let body = '';
        for await (const chunk of answer) body += chunk;
        if (answer.statusCode === 200) resolve(body);
        else reject(new Error(`${answer.statusCode} ${body}`));
      });
      sent.once('error', reject).end();
    });
  };
}

async function load(once: () => Promise<unknown>): Promise<void> {
  const client = async () => {
    for (let left = REQUESTS / CONNECTIONS; left > 0; left--) await once();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
}

/** CPU time so far, in microseconds. */
function costs(folder: string): Costs {
  const { threads } = sampleCpu(
    processesOf(readPidfile(dataDirPaths(folder).record)?.processes ?? [], 'aurora'),
  );
  const of = (component: Component) =>
    [...(threads.get(component)?.values() ?? [])].reduce((sum, { run }) => sum + run, 0);
  return { nginx: of('nginx'), app: of('read'), database: of('database') };
}

const perRequest = (before: Costs, after: Costs): Costs => ({
  nginx: (after.nginx - before.nginx) / REQUESTS,
  app: (after.app - before.app) / REQUESTS,
  database: (after.database - before.database) / REQUESTS,
});

function print(measured: ReadonlyMap<Way, readonly Costs[]>, rounds: number): void {
  console.log(`\nanswered by    ${PARTS.map((part) => part.padStart(9)).join('')}      sum   ratio`);
  let least: number | undefined;
  for (const [way, all] of measured) {
    const cells = PARTS.map((part) => median(all.map((costs) => costs[part])));
    const sum = cells.reduce((total, us) => total + us, 0);
    least ??= sum;
    const shown = cells.map((us) => us.toFixed(0).padStart(9)).join('');
    console.log(
      `${way.padEnd(15)}${shown}${sum.toFixed(0).padStart(9)}${(sum / least).toFixed(2).padStart(8)}`,
    );
  }
  console.log(`CPU µs a request, medians of ${rounds} rounds of ${REQUESTS}`);
}

void main(Number(process.argv[2] ?? 7));

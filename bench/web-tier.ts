/**
 * What each copy of a product on its way saves: CPU microseconds a request of nginx, of the app and of the database, for
 * the same GET answered by nginx's micro-cache, by the app's ready bytes, or from the rows, as for who just wrote.
 * On the servers of `npm start -- --phase 3 --servers`; Linux. Interleaved rounds, medians: `npx tsx bench/web-tier.ts [rounds]`.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../lambda/shared/log';
import { phaseNumbered } from '../lib/phases';
import { inFolder } from '../local/folder';
import { readRecord } from '../local/servers/record';
import { openServedShop } from '../local/servers/shop';

const REQUESTS = 4000;
const CONNECTIONS = 16;
/** By the cookie that makes nginx pass its own copy, and then the app pass its. */
const WAYS = { 'micro-cache': '', 'ready bytes': 'session=a', rows: 'wrote=1' } as const;
type Way = keyof typeof WAYS;
const PARTS = { nginx: /nginx/, app: /read-\d/, database: /datadir/ } as const;
type Costs = Readonly<Record<keyof typeof PARTS, number>>;
/** Clock ticks of /proc are hundredths of a second on Linux. */
const TICK_US = 10_000;

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
    const { items } = JSON.parse(await ask('/api/products?limit=1', ''));
    const ways = Object.keys(WAYS) as Way[];
    const measured = new Map(ways.map((way) => [way, [] as Costs[]]));
    for (let round = -1; round < rounds; round++) {
      for (const way of ways) {
        const before = costs(folder);
        await load(() => ask(`/api/products/${items[0].id}`, WAYS[way]));
        // The first round warms.
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
  return (path: string, cookie: string): Promise<string> => {
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

/** CPU time so far of the processes of each part and their children, in microseconds. */
function costs(folder: string): Costs {
  const running = readRecord(inFolder(folder).record)?.processes ?? [];
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap(statOf);
  const of = (part: RegExp) => {
    const pids = new Set(running.filter(({ mark }) => part.test(mark)).map(({ pid }) => pid));
    const ours = all.filter(({ pid, parent }) => pids.has(pid) || pids.has(parent));
    return ours.reduce((sum, { ticks }) => sum + ticks, 0) * TICK_US;
  };
  return { nginx: of(PARTS.nginx), app: of(PARTS.app), database: of(PARTS.database) };
}

function statOf(pid: string): { pid: number; parent: number; ticks: number }[] {
  try {
    // Fields 4, 14 and 15 of proc(5); the second one is a name that may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return [{ pid: Number(pid), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) }];
  } catch {
    return [];
  }
}

const perRequest = (before: Costs, after: Costs): Costs => ({
  nginx: (after.nginx - before.nginx) / REQUESTS,
  app: (after.app - before.app) / REQUESTS,
  database: (after.database - before.database) / REQUESTS,
});

function print(measured: ReadonlyMap<Way, readonly Costs[]>, rounds: number): void {
  const parts = Object.keys(PARTS) as (keyof Costs)[];
  console.log(`\nanswered by    ${parts.map((part) => part.padStart(9)).join('')}      sum   ratio`);
  let least: number | undefined;
  for (const [way, all] of measured) {
    const cells = parts.map((part) => median(all.map((costs) => costs[part])));
    const sum = cells.reduce((total, us) => total + us, 0);
    least ??= sum;
    const shown = cells.map((us) => us.toFixed(0).padStart(9)).join('');
    console.log(
      `${way.padEnd(15)}${shown}${sum.toFixed(0).padStart(9)}${(sum / least).toFixed(2).padStart(8)}`,
    );
  }
  console.log(`CPU µs a request, medians of ${rounds} rounds of ${REQUESTS}`);
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

void main(Number(process.argv[2] ?? 7));

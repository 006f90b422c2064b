/**
 * Counts the statements that reads of products cause, on the servers of a phase: 1,000 reads a second of 50,000 products
 * by Zipf 1.0, first with empty caches and then with a warm shared cache. Then it measures the time from an edit to its
 * visibility in another process. About six minutes a phase.
 *
 *     npx tsx lab/bench/cached-reads.ts [phase, default 4] [seconds, default 120] [products, default 50000]
 */
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { phaseNumbered } from '../../lib/phases';
import { median } from '../analysis/statistics';
import { constant, evenly, poisson } from '../load/arrivals';
import { seeded } from '../load/random';
import { openDatabaseProbe } from '../measure/database';
import { type Instruments, measured, openInstruments } from '../measure/demand';
import { openStage, type Stage } from '../scenarios/open';
import { asCustomer } from '../scenarios/reads';
import { cacheLookups } from '../servers/cache';
import { type LabShop, openLabShop } from '../servers/shop';

const [phaseNumber = 4, seconds = 120, products = 50_000] = process.argv.slice(2).map(Number);
const RATE = 1000;
const IDLE_S = 10;
const EDITS = 100;
const POLL_MS = 2;

async function main(): Promise<void> {
  const phase = phaseNumbered(phaseNumber);
  if (!phase) throw new Error(`There is no phase ${phaseNumber}`);
  const say = (line: string) => console.error(line);
  const shop = await openLabShop({ phase, say });
  try {
    // Before the logs are rotated.
    const ports = phase.tiers === 'none' ? undefined : [portOf(shop, 'read-1'), portOf(shop, 'write-1')];
    const stage = await openStage(shop, { products, seed: 1, say });
    const database = await openDatabaseProbe([shop.socket, ...shop.replicas]);
    const instruments = await openInstruments(shop, stage, database);
    const before = await database.read();
    await sleep(IDLE_S * 1000);
    const idle = ((await database.read()).statements - before.statements) / IDLE_S;
    console.log(`Phase ${phase.number}, ${products} products; idle: ${idle.toFixed(1)} statements a second`);
    await reads(instruments, 'cold', idle);
    if (phase.cache !== 'none') {
      say('Reading every product once');
      await warm(stage);
      await reads(instruments, 'warm', idle);
    }
    if (ports) await edits(ports, stage);
    await database.close();
    await stage.close();
  } finally {
    await shop.close();
  }
}

async function reads(instruments: Instruments, name: string, idle: number): Promise<void> {
  const { shop } = instruments;
  const hasCache = shop.phase.cache !== 'none';
  const lookups = hasCache ? await cacheLookups(shop) : undefined;
  const { load, requests, us, database } = await measured(instruments, (stage) =>
    stage.run({ product: 1 }, poisson(constant(RATE), RATE, seconds, seeded(7))),
  );
  const caused = Math.max(0, database.statements * requests - idle * seconds);
  const cpu = Object.entries(us).map(([component, value]) => `${component} ${value.toFixed(1)}`);
  const after = lookups && (await cacheLookups(shop));
  const hits = lookups && after ? after.hits - lookups.hits : 0;
  const misses = lookups && after ? after.misses - lookups.misses : 0;
  console.log(
    [
      `${name}: ${requests} reads, ${((caused / requests) * 1000).toFixed(1)} statements per 1,000`,
      `  CPU us a read: ${cpu.join(', ')}`,
      ...(hasCache ? [`  shared cache: ${hits} hits, ${misses} misses`] : []),
      `  errors: ${JSON.stringify(load.kinds.all?.errors ?? {})}`,
    ].join('\n'),
  );
}

async function warm(stage: Stage): Promise<void> {
  const shelves = [...stage.fixtures.shelves];
  const popular = stage.fixtures.popular;
  Object.assign(stage.fixtures, { popular: () => shelves.pop() ?? stage.fixtures.hot });
  await stage.run({ product: 1 }, evenly(RATE, shelves.length / RATE));
  Object.assign(stage.fixtures, { popular });
}

/** A price is edited through one process, and read at another one until it is there. */
async function edits([reader = 0, writer = 0]: readonly number[], stage: Stage): Promise<void> {
  const [staff] = stage.fixtures.staff;
  const times: number[] = [];
  for (let turn = 0; turn < EDITS; turn++) {
    const path = `/api/products/${stage.fixtures.shelves[turn]?.id}`;
    const { etag } = await ask(reader, 'GET', path);
    const headers = {
      ...asCustomer(staff?.token ?? ''),
      'If-Match': etag,
      'Content-Type': 'application/json',
    };
    const edited = await ask(writer, 'PATCH', path, headers, JSON.stringify({ name: `Edited ${turn}` }));
    if (edited.status !== 200) throw new Error(`The edit was answered with ${edited.status}: ${edited.body}`);
    const start = performance.now();
    while ((await ask(reader, 'GET', path)).etag !== edited.etag) await sleep(POLL_MS);
    times.push(performance.now() - start);
  }
  times.sort((one, other) => one - other);
  const p99 = times[Math.ceil(EDITS * 0.99) - 1] ?? 0;
  console.log(
    `visible in another process after an edit: p50 ${median(times).toFixed(0)} ms, p99 ${p99.toFixed(0)} ms (n=${EDITS})`,
  );
}

const portOf = ({ home }: LabShop, name: string): number =>
  Number(/"port":(\d+),"msg":"serving"/.exec(readFileSync(join(home, `${name}.log`), 'utf8'))?.[1]);

function ask(port: number, method: string, path: string, headers: Record<string, string> = {}, body = '') {
  return new Promise<{ status: number; etag: string; body: string }>((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false },
      (incoming) => {
        let text = '';
        incoming.on('data', (data) => {
          text += data;
        });
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, etag: incoming.headers.etag ?? '', body: text }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

void main();

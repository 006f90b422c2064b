/**
 * Reservations at a fixed rate beside reads of products, on the servers of a phase with durable commits (both logs of the
 * database flushed at each): latency of both, the CPU that each component took, and a comparison of the stock with what
 * was acknowledged. Products are drawn by Zipf 1.0. At most 256 requests are in flight, and what is due beyond is not
 * sent. Each rate takes a minute, and stocking the shop one more:
 *
 *     npx tsx lab/bench/writes-beside-reads.ts [phase] [seconds] [reads/s] [reservations/s ...]
 *
 * The default is phase 3, 60 seconds, 400 reads/s, and 400 and 1,200 reservations/s.
 */
import { availableParallelism } from 'node:os';
import { phaseNumbered } from '../../lib/phases';
import { constant, poisson } from '../load/arrivals';
import type { Load } from '../load/generator';
import { NO_CONNECTION } from '../load/pool';
import { seeded } from '../load/random';
import type { KindOfLoad } from '../load/recording';
import { cpuBetween, sampleCpu } from '../measure/cpu';
import { openStage, type Stage } from '../scenarios/open';
import { readProduct } from '../scenarios/reads';
import { buy } from '../scenarios/writes';
import { type LabShop, openLabShop } from '../servers/shop';

const [number = 3, seconds = 60, reads = 400, ...rates] = process.argv.slice(2).map(Number);
const PRODUCTS = 20_000;
/** An account may hold fifty pieces. */
const CUSTOMERS = 20_000;

async function main(): Promise<void> {
  const phase = phaseNumbered(number);
  if (!phase) throw new Error(`There is no phase ${number}`);
  const say = (line: string) => console.error(line);
  const shop = await openLabShop({ phase, say });
  try {
    const database = await shop.administer('inventory');
    await database.execute('SET GLOBAL sync_binlog = 1');
    await database.execute('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
    await database.close();
    const size = { products: PRODUCTS, customers: CUSTOMERS };
    // At a rate above what the shop can do, what waits for a connection would be sent just to time out.
    const stage = await openStage(shop, { ...size, seed: 1, say, waits: false });
    console.log(
      `Phase ${phase.number} on ${availableParallelism()} cores, ${reads} reads/s of ${PRODUCTS.toLocaleString('en')} products for ${seconds} s, and\n`,
    );
    await loaded(stage, 50, 10);
    for (const rate of rates.length > 0 ? rates : [400, 1200])
      report(rate, await measured(shop, stage, rate));
    const wrong = await stage.check();
    await stage.close();
    if (wrong.length > 0) throw new Error(wrong.join('\n'));
    console.log('Every answer was right, and each acknowledged reservation is there.');
  } finally {
    await shop.close();
  }
}

/** Without the confirmation that follows a purchase. */
function reserve(fixtures: Stage['fixtures']) {
  const { following: _, ...step } = buy(fixtures);
  return step;
}

function loaded(stage: Stage, reservations: number, duration: number): Promise<Load> {
  const rate = reads + reservations;
  const random = seeded(reservations);
  const { fixtures } = stage;
  const next = () => (random() * rate < reservations ? reserve(fixtures) : readProduct(fixtures));
  return stage.run({}, poisson(constant(rate), rate, duration, seeded(7)), { next });
}

async function measured(shop: LabShop, stage: Stage, rate: number) {
  const before = sampleCpu(shop.processes());
  const load = await loaded(stage, rate, seconds);
  const requests = load.kinds.all?.requests ?? 0;
  return { load, cpu: cpuBetween(before, sampleCpu(shop.processes()), load.generatorUs * requests) };
}

function report(rate: number, { load, cpu }: Awaited<ReturnType<typeof measured>>): void {
  const cores = (us: number) => `${(us / cpu.seconds / 1e6).toFixed(2)}`;
  const parts = Object.entries(cpu.run)
    .sort(([, one], [, other]) => other - one)
    .map(([name, us]) => `${name} ${cores(us)}`);
  console.log(
    [
      `${rate} reservations/s:`,
      `  a reservation: ${latency(load.kinds.reserve)}`,
      `  a product: ${latency(load.kinds.product)}`,
      `  cores: ${parts.join(', ')}, generator ${load.generatorCpu.toFixed(2)}, others ${cpu.others.toFixed(2)}`,
      `  the generator was late by ${load.lag.p99.toFixed(1)} ms (p99); all ended after ${load.seconds.toFixed(0)} s\n`,
    ].join('\n'),
  );
}

function latency(kind: KindOfLoad | undefined): string {
  if (!kind) return 'none';
  const { p50, p99 } = kind.corrected;
  const sent = kind.requests - (kind.errors[NO_CONNECTION] ?? 0);
  return `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, ${sent} sent, errors ${JSON.stringify(kind.errors)}`;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

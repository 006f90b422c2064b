/**
 * Goodput at the peak and at three times that rate, with the shop's own mix of reads and purchases: of the box's nginx
 * with one process of the app behind it, and of the process alone. `npx tsx lab/bench/overload.ts [folder of another
 * checkout]`. The process has a share of a core, as a control group gives it (root, Linux), so that everything else can
 * offer three times its peak. Callers of three times the peak keep the other core busy, and an answer takes more CPU
 * time while they do; so a computation of the lowest priority does the same while the peak is looked for. Goodput is the CPU time that right answers take alone, in percent of a core: under
 * overload, purchases are admitted before reads, and each of them takes as long as many reads.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { phaseNumbered } from '../../lib/phases';
import { median } from '../analysis/statistics';
import { poisson } from '../load/arrivals';
import type { Target } from '../load/connection';
import { seeded } from '../load/random';
import type { Result } from '../load/recording';
import { cpuBetween, sampleCpu } from '../measure/cpu';
import { limitCpu } from '../measure/cpu-quota';
import { openStage, type Stage } from '../scenarios/open';
import { type Scenario, scenarioNamed } from '../scenarios/scenarios';
import { type LabShop, openLabShop } from '../servers/shop';

const SECONDS = 6;
const ROUNDS = 5;
const OVERLOAD = 3;
/** Of a core, for the app. */
const SHARE = 0.7;
/** A later answer is of no use to anybody. */
const USEFUL_MS = 1000;
/** A round whose callers sent their requests later than this is about them, and does not count. */
const MOST_LAG_MS = 100;
const SEED = 5;
/** Requests a second of one kind: far from the peak of the slowest. */
const WEIGHING_RATE = 100;
/** By the admission control, and by the bounded queue of a dependency. */
const REFUSALS = new Set(['503 overloaded', '503 busy']);

interface Outcome {
  /** A second. */
  readonly offered: number;
  readonly right: number;
  /** The CPU time of the right answers by the weights of their kinds, in percent of a core. */
  readonly goodput: number;
  readonly late: number;
  readonly refused: number;
  /** Of these, by the app itself; nginx refused the others. */
  readonly byTheApp: number;
  readonly failed: number;
  /** Purchases that were begun and not confirmed. */
  readonly unconfirmed: number;
  /** CPU microseconds of the app for each right answer, with its refusals: they do not depend on other programs. */
  readonly appUs: number;
  /** CPU of nginx, the database and this process, in percent of a core. Past 150 of two, the figures are about these. */
  readonly elsewhere: number;
  /** By which requests were sent too late, 99th percentile in milliseconds. */
  readonly lag: number;
  /** Of the right answers. */
  readonly kinds: readonly string[];
}

async function main(root?: string): Promise<void> {
  const [phase, scenario] = [phaseNumbered(1), scenarioNamed('browse')];
  if (!phase || !scenario) throw new Error('There is a phase 1, and somebody browses');
  const shop = await openLabShop({ phase, say, ...(root && { root }) });
  try {
    const log = readFileSync(join(shop.home, 'app.log'), 'utf8');
    const port = Number(/"port":(\d+),"msg":"serving"/.exec(log)?.[1]);
    // Three times as many as have room: what is refused gives its connection back at once.
    const nginx = { shop, mix: scenario.mix, target: shop.target, connections: 400 };
    console.log(await measure('with nginx', nginx));
    const alone = { ...nginx, target: { host: '127.0.0.1', port, tls: false }, connections: 3000 };
    console.log(await measure('the process alone', alone));
  } finally {
    await shop.close();
  }
}

/** Computes on every core that nobody else wants. The result ends it. */
function keepBusy(): () => void {
  const script =
    'for (;;) JSON.parse(JSON.stringify(Array.from({ length: 1000 }, (_, n) => ({ n, text: "x".repeat(n) }))))';
  const busy = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', script], { stdio: 'ignore' }),
  );
  for (const { pid } of busy) setPriority(pid ?? 0, constants.priority.PRIORITY_LOW);
  return () => {
    for (const one of busy) one.kill('SIGKILL');
  };
}

const say = (line: string) => console.error(line);

interface Measurement {
  readonly shop: LabShop;
  readonly mix: Scenario['mix'];
  readonly target: Target;
  readonly connections: number;
}

/** Resolves to the result in words. */
async function measure(name: string, { shop, mix, target, connections }: Measurement): Promise<string> {
  const stage = await openStage({ ...shop, target }, { products: 20_000, seed: SEED, say, connections });
  const weights = await weigh(shop, stage, mix);
  say(`App CPU microseconds of a right answer: ${JSON.stringify(weights)}`);
  const free = limitCpu(shop.processes().app ?? [], SHARE);
  const outcomes: Outcome[] = [];
  const attempt = async (rate: number) => {
    const outcome = await offer({ shop, stage, mix, weights }, rate);
    outcomes.push(outcome);
    say(JSON.stringify(rounded(outcome)));
    return outcome;
  };
  const [peaks, overloaded]: [number[], number[]] = [[], []];
  const answers = { peak: [] as number[], overloaded: [] as number[] };
  let from = 200;
  for (let round = 0; round < ROUNDS; round++) {
    // A cold process is slow: its code is not compiled, and no copy is in memory. Connections may be gone, too.
    for (let times = 0; times < 3; times++) await offer({ shop, stage, mix, weights }, 100);
    let [peak, rate, goodput] = [0, from, 0];
    const rest = keepBusy();
    for (;;) {
      const outcome = await attempt(rate);
      peak = Math.max(peak, outcome.right);
      goodput = Math.max(goodput, outcome.goodput);
      if (outcome.right < 0.9 * rate) break;
      rate *= 1.3;
    }
    rest();
    if (peak === 0) throw new Error('Nothing is answered in time: other programs use this machine');
    const over = await attempt(OVERLOAD * peak);
    from = peak * 0.7;
    if (over.lag > MOST_LAG_MS) continue;
    peaks.push(goodput);
    overloaded.push(over.goodput);
    answers.peak.push(peak);
    answers.overloaded.push(over.right);
  }
  free();
  console.log(name);
  console.table(outcomes.map(rounded));
  const wrong = await stage.check();
  console.log(wrong.length === 0 ? 'Every acknowledged write exists once.' : wrong.join('\n'));
  await stage.close();
  if (peaks.length === 0) return `${name}: no round counts, since its callers were late by themselves`;
  const [peak, goodput] = [median(peaks), median(overloaded)];
  const share = (goodput / peak).toFixed(2);
  return `${name}: goodput ${peak.toFixed(1)} % of a core at the peak, ${goodput.toFixed(1)} % at ${OVERLOAD} x its rate: ${share} (medians of ${peaks.length} of ${ROUNDS} rounds); in right answers ${(median(answers.overloaded) / median(answers.peak)).toFixed(2)}`;
}

/** The app's CPU time of a right answer of each kind, in microseconds, measured alone. It also compiles the app's code. */
async function weigh(shop: LabShop, stage: Stage, mix: Scenario['mix']): Promise<Record<string, number>> {
  const weights: Record<string, number> = {};
  for (const round of ['to warm up', 'measured'])
    for (const action of Object.keys(mix)) {
      const outcome = await offer({ shop, stage, mix: { [action]: 1 }, weights: {} }, WEIGHING_RATE);
      if (round === 'measured') for (const kind of outcome.kinds) weights[kind] = Math.round(outcome.appUs);
    }
  return weights;
}

interface Offer {
  readonly shop: LabShop;
  readonly stage: Stage;
  readonly mix: Scenario['mix'];
  readonly weights: Readonly<Record<string, number>>;
}

/** By its log, which it writes once a second: up to a second late. */
function refusedByApp({ home }: LabShop): number {
  const line = readFileSync(join(home, 'app.log'), 'utf8')
    .split('\n')
    .findLast((one) => one.includes('some are refused'));
  const { refused = {} } = line ? (JSON.parse(line) as { refused?: Record<string, number> }) : {};
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

async function offer({ shop, stage, mix, weights }: Offer, rate: number): Promise<Outcome> {
  const results: Result[] = [];
  const arrivals = poisson(() => rate, rate, SECONDS, seeded(SEED));
  const refusedBefore = refusedByApp(shop);
  const before = sampleCpu(shop.processes());
  const load = await stage.run(mix, arrivals, { timeoutMs: 5000, onResult: (one) => results.push(one) });
  const { run, seconds } = cpuBetween(before, sampleCpu(shop.processes()), 0);
  const elsewhere = (run.nginx ?? 0) + (run.database ?? 0) + load.generatorUs * results.length;
  const count = (fits: (result: Result) => boolean) => results.filter(fits).length / SECONDS;
  const isUseful = ({ scheduled, ended }: Result) => ended - scheduled <= USEFUL_MS;
  const isRefused = ({ error }: Result) => error !== undefined && REFUSALS.has(error);
  const right = results.filter((result) => result.error === undefined && isUseful(result));
  const failures = Object.entries(load.kinds.all?.errors ?? {}).filter(([error]) => !REFUSALS.has(error));
  if (failures.length > 0) say(`failed: ${JSON.stringify(Object.fromEntries(failures))}`);
  return {
    offered: rate,
    right: right.length / SECONDS,
    goodput: right.reduce((sum, { kind }) => sum + (weights[kind] ?? 0), 0) / SECONDS / 10_000,
    kinds: [...new Set(right.map(({ kind }) => kind))],
    late: count((result) => result.error === undefined && !isUseful(result)),
    refused: count(isRefused),
    byTheApp: (refusedByApp(shop) - refusedBefore) / SECONDS,
    failed: count((result) => result.error !== undefined && !isRefused(result)),
    unconfirmed: Object.values(load.kinds.confirm?.errors ?? {}).reduce((sum, times) => sum + times, 0),
    appUs: (run.app ?? 0) / Math.max(1, results.filter(({ error }) => error === undefined).length),
    elsewhere: elsewhere / seconds / 10_000,
    lag: load.lag.p99,
  };
}

const rounded = ({ kinds: _, ...figures }: Outcome) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value)]));

main(process.argv[2]).catch((error: Error) => {
  console.error(error.stack);
  process.exitCode = 1;
});

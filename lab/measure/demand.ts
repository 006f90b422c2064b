import { setTimeout as sleep } from 'node:timers/promises';
import { type Interval, interval95, median } from '../analysis/statistics';
import type { Demands } from '../analysis/utilization';
import { evenly } from '../load/arrivals';
import type { Load } from '../load/generator';
import type { Stage } from '../scenarios/open';
import type { Scenario } from '../scenarios/scenarios';
import { APPS, type Component } from '../servers/components';
import type { LabShop } from '../servers/shop';
import { type CpuUse, cpuBetween, sampleCpu } from './cpu';
import {
  COUNTER_NAMES,
  countersBetween,
  type DatabaseCounters,
  type DatabaseProbe,
  perRequest,
} from './database';

/** CPU and counters of one load, per request, without the use of the idle servers. */
export interface Measured {
  readonly load: Load;
  readonly requests: number;
  readonly us: Demands;
  readonly database: DatabaseCounters;
  readonly cpu: CpuUse;
}

export interface Instruments {
  readonly shop: LabShop;
  readonly stage: Stage;
  readonly database: DatabaseProbe;
  /** CPU microseconds a second of each component without requests. */
  readonly idle: Readonly<Partial<Record<Component, number>>>;
}

/** Long enough for the duties of each second. The lowest counts: a process that has just started is not idle yet. */
const IDLE_WINDOW_MS = 1000;
/** So many windows in a row that are no lower end the search. */
const STEADY_WINDOWS = 3;
const MOST_IDLE_WINDOWS = 20;
/** A window lowers the result if it is below this share of the lowest one so far. */
const LOWER = 0.8;

export async function openInstruments(
  shop: LabShop,
  stage: Stage,
  database: DatabaseProbe,
): Promise<Instruments> {
  const idle: Partial<Record<Component, number>> = {};
  for (let [window, steady] = [0, 0]; window < MOST_IDLE_WINDOWS && steady < STEADY_WINDOWS; window++) {
    const before = sampleCpu(shop.processes());
    await sleep(IDLE_WINDOW_MS);
    const { run, seconds } = cpuBetween(before, sampleCpu(shop.processes()), 0);
    steady++;
    for (const [name, us] of Object.entries(run) as [Component, number][]) {
      const lowest = idle[name] ?? Number.POSITIVE_INFINITY;
      if (us / seconds < lowest * LOWER) steady = 0;
      idle[name] = Math.min(lowest, us / seconds);
    }
  }
  return { shop, stage, database, idle };
}

/** Measures the CPU and the counters while a load is sent. @throws Error if the load has no requests */
export async function measured(
  instruments: Instruments,
  send: (stage: Stage) => Promise<Load>,
): Promise<Measured> {
  const { shop, stage, database, idle } = instruments;
  const counters = await database.read();
  const before = sampleCpu(shop.processes());
  const load = await send(stage);
  const requests = load.kinds.all?.requests ?? 0;
  if (requests === 0) throw new Error('No request was sent: there is nothing to measure');
  const cpu = cpuBetween(before, sampleCpu(shop.processes()), load.generatorUs * requests);
  const counted = countersBetween(counters, await database.read());
  const of = ([name, us]: [string, number]): [string, number] => [
    name,
    Math.max(0, us - (idle[name as Component] ?? 0) * cpu.seconds) / requests,
  ];
  const us = { ...Object.fromEntries(Object.entries(cpu.run).map(of)), generator: load.generatorUs };
  return { load, requests, us, database: perRequest(counted, requests), cpu };
}

/** Demands of the threads that run JavaScript, by `<component> thread`: each uses one core at most. */
const threadDemands = ({ cpu, requests }: Measured): Demands =>
  Object.fromEntries(
    APPS.flatMap((component) => {
      const us = cpu.firstThreads[component];
      return us === undefined ? [] : [[`${component} thread`, us / requests]];
    }),
  );

export interface Demand {
  readonly requests: number;
  readonly us: Readonly<Record<string, Interval>>;
  readonly threads: Demands;
  readonly database: DatabaseCounters;
  readonly errors: Readonly<Record<string, number>>;
}

export interface Round {
  readonly name: string;
  readonly mix: Scenario['mix'];
  readonly rate: number;
  readonly seconds: number;
}

/** Measures all rounds in turn, several times, so that a disturbance affects all of them. The first turn warms up. */
export async function measureDemands(
  instruments: Instruments,
  rounds: readonly Round[],
  repetitions: number,
): Promise<Record<string, Demand>> {
  const all = new Map<string, Measured[]>(rounds.map(({ name }) => [name, []]));
  for (let turn = -1; turn < repetitions; turn++) {
    for (const { name, mix, rate, seconds } of rounds) {
      const arrivals = evenly(rate, turn < 0 ? seconds / 2 : seconds);
      // The CPU time of a request does not depend on the moment at which it is sent, so a late one counts as well.
      const one = await measured(instruments, (stage) => stage.run(mix, arrivals));
      if (turn >= 0) all.get(name)?.push(one);
    }
  }
  return Object.fromEntries([...all].map(([name, each]) => [name, demandOf(each)]));
}

function demandOf(each: readonly Measured[]): Demand {
  const names = [...new Set(each.flatMap(({ us }) => Object.keys(us)))];
  const threads = each.map(threadDemands);
  const medianOf = (values: readonly (number | undefined)[]) => median(values.map((value) => value ?? 0));
  return {
    requests: each.reduce((sum, { requests }) => sum + requests, 0),
    us: Object.fromEntries(names.map((name) => [name, interval95(each.map(({ us }) => us[name] ?? 0))])),
    threads: Object.fromEntries(
      Object.keys(threads[0] ?? {}).map((name) => [name, medianOf(threads.map((one) => one[name]))]),
    ),
    database: Object.fromEntries(
      COUNTER_NAMES.map((name) => [name, medianOf(each.map(({ database }) => database[name]))]),
    ) as DatabaseCounters,
    errors: sumOfErrors(each.map(({ load }) => load)),
  };
}

/** Number of wrong answers by error, over all loads. */
function sumOfErrors(loads: readonly Load[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const { kinds } of loads) {
    for (const [error, times] of Object.entries(kinds.all?.errors ?? {}))
      sum[error] = (sum[error] ?? 0) + times;
  }
  return sum;
}

export const meansOf = ({ us }: Demand): Demands =>
  Object.fromEntries(Object.entries(us).map(([name, { mean }]) => [name, mean]));

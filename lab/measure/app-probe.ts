import { type CpuProfile, inSources } from '../profile/cpu-profile';
import { type Inspected, inspect } from './inspector';

/** In milliseconds. */
export interface AppEvidence {
  /** Delay of timers, which every request of the process waits as well. */
  readonly eventLoopDelay: { readonly p50: number; readonly p99: number };
  /** Wait for a connection of the database pool. */
  readonly poolWait: { readonly mean: number; readonly most: number; readonly times: number };
  readonly heapMib: number;
}

export interface AppProbe {
  /** The evidence since the last look, or since the probe was opened. */
  look(): Promise<AppEvidence>;
  startProfile(): Promise<void>;
  /** Frames of the app are at their places in the sources. */
  stopProfile(): Promise<CpuProfile>;
  close(): void;
}

const RESOLUTION_MS = 10;

/** Watches timers, and the diagnostics channel on which mysql2 publishes requests for connections. */
const INSTALL = `globalThis.lab ??= (() => {
  const delay = require('node:perf_hooks').monitorEventLoopDelay({ resolution: ${RESOLUTION_MS} });
  delay.enable();
  const pool = { sum: 0, most: 0, times: 0 };
  const started = new WeakMap();
  require('node:diagnostics_channel').tracingChannel('mysql2:pool:connect').subscribe({
    start: (context) => started.set(context, performance.now()),
    end() {},
    asyncStart: (context) => {
      const ms = performance.now() - (started.get(context) ?? performance.now());
      pool.sum += ms; pool.times++; pool.most = Math.max(pool.most, ms);
    },
    asyncEnd() {},
    error() {},
  });
  return { delay, pool };
})(); undefined`;

const LOOK = `(() => {
  const { delay, pool } = globalThis.lab;
  const seen = {
    eventLoopDelay: { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6 },
    poolWait: { mean: pool.times ? pool.sum / pool.times : 0, most: pool.most, times: pool.times },
    heapMib: process.memoryUsage().heapUsed / 2 ** 20,
  };
  delay.reset();
  Object.assign(pool, { sum: 0, most: 0, times: 0 });
  return seen;
})()`;

/** @param log the file with the output of the process */
export async function openAppProbe(pid: number, log: string): Promise<AppProbe> {
  const inspected: Inspected = await inspect(pid, log);
  await inspected.evaluate(INSTALL);
  await inspected.evaluate(LOOK);
  return {
    look: async () => {
      const seen = await inspected.evaluate<AppEvidence>(LOOK);
      // The histogram contains whole intervals, of which RESOLUTION_MS is not a delay.
      const late = (ms: number) => Math.max(0, ms - RESOLUTION_MS);
      const { p50, p99 } = seen.eventLoopDelay;
      return { ...seen, eventLoopDelay: { p50: late(p50), p99: late(p99) } };
    },
    startProfile: async () => {
      await inspected.call('Profiler.enable');
      await inspected.call('Profiler.setSamplingInterval', { interval: 500 });
      await inspected.call('Profiler.start');
    },
    stopProfile: async () =>
      inSources((await inspected.call<{ profile: CpuProfile }>('Profiler.stop')).profile),
    close: () => inspected.close(),
  };
}

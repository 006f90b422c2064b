import { performance } from 'node:perf_hooks';
import type { Counters } from '../shared/http/admission/admission';

/** Averages over an interval. */
export interface ProcessLoad {
  /** The share of time in which the JavaScript thread worked, in percent. At 100, requests wait for it. */
  readonly eventLoopPercent: number;
  readonly requestsUnderWay: number;
  /** The share of requests that were refused because there were too many, in percent. */
  readonly refusedPercent: number;
  /** The same of the most important class. */
  readonly refusedCriticalPercent: number;
}

/**
 * Returns the load since the last call. The first call returns undefined: a process that starts is busy with itself, and
 * says nothing about requests.
 */
export function processLoadSince(counters: Counters): () => ProcessLoad | undefined {
  const read = () => ({
    at: performance.now(),
    loop: performance.eventLoopUtilization(),
    arrived: counters.arrived,
    refused: counters.refused,
    refusedCritical: counters.refusedCritical,
    underWayMs: counters.underWayMs(),
  });
  let last: ReturnType<typeof read> | undefined;
  return () => {
    const [from, to] = [last, read()];
    last = to;
    if (!from) return undefined;
    const { utilization } = performance.eventLoopUtilization(to.loop, from.loop);
    const arrived = to.arrived - from.arrived;
    const share = (refused: number) => (arrived === 0 ? 0 : rounded((100 * refused) / arrived));
    return {
      eventLoopPercent: rounded(utilization * 100),
      requestsUnderWay: rounded((to.underWayMs - from.underWayMs) / (to.at - from.at)),
      refusedPercent: share(to.refused - from.refused),
      refusedCriticalPercent: share(to.refusedCritical - from.refusedCritical),
    };
  };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;

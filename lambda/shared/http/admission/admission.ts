import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../runtime/log';
import { createLimiter, type Limiter, type RequestClass } from './limiter';
import { refuse } from './refusal';

/** Refused requests are logged together: a line for each would cost as much as the refusal. */
const REPORT_INTERVAL_MS = 1000;

/** Admits requests, or refuses them before any work is done for them (decision 0134). */
export interface Admission {
  /** True if the request may be handled; otherwise it is answered already. */
  admits(incoming: IncomingMessage, outgoing: ServerResponse): boolean;
  readonly counters: Counters;
  stop(): void;
}

/** Totals since the start. */
export interface Counters {
  readonly arrived: number;
  readonly refused: number;
  /** Those of the most important class: the last bound was reached. */
  readonly refusedCritical: number;
  /** Requests under way, summed over milliseconds. */
  underWayMs(): number;
}

/** Returns undefined for requests that are never refused. The target may have a query. */
export type Classify = (
  method: string,
  target: string,
  headers: IncomingHttpHeaders,
) => RequestClass | undefined;

export interface AdmissionOptions {
  readonly classify: Classify;
  readonly log: Logger;
  readonly limiter?: Limiter;
}

export function createAdmission(options: AdmissionOptions): Admission {
  const { classify, log, limiter = createLimiter() } = options;
  let [arrived, underWayMs, changedAt] = [0, 0, performance.now()];
  const refused: Record<RequestClass, number> = { critical: 0, 'log-in': 0, write: 0, read: 0 };
  const refusedInAll = () => Object.values(refused).reduce((sum, count) => sum + count, 0);

  const elapse = () => {
    const now = performance.now();
    underWayMs += limiter.underWay * (now - changedAt);
    changedAt = now;
  };
  const leave = () => {
    elapse();
    limiter.leave();
  };
  let reported = 0;
  const reporting = setInterval(() => {
    if (refusedInAll() === reported) return;
    reported = refusedInAll();
    log.warn(
      { refused: { ...refused }, arrived, underWay: limiter.underWay },
      'too many requests: some are refused',
    );
  }, REPORT_INTERVAL_MS).unref();

  return {
    admits: (incoming, outgoing) => {
      const given = classify(incoming.method ?? '', incoming.url ?? '', incoming.headers);
      if (given === undefined) return true;
      arrived += 1;
      elapse();
      if (!limiter.enter(given)) {
        refused[given] += 1;
        refuse(outgoing);
        return false;
      }
      outgoing.once('close', leave);
      return true;
    },
    counters: {
      get arrived() {
        return arrived;
      },
      get refused() {
        return refusedInAll();
      },
      get refusedCritical() {
        return refused.critical;
      },
      underWayMs: () => {
        elapse();
        return underWayMs;
      },
    },
    stop: () => clearInterval(reporting),
  };
}

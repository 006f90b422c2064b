import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** Work that a request waited for. Times are milliseconds, `at` since the request arrived. */
interface Span {
  readonly name: string;
  readonly at: number;
  readonly ms: number;
  /** The name of the error, if it threw one. */
  readonly failed?: string;
}

/** A request on its way through this process. Its `traceId` is the same on every host (W3C Trace Context). */
export interface Trace {
  readonly requestId: string;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** True for the share of requests that is logged although nothing is special about it, with its spans. */
  readonly sampled: boolean;
  /** By the clock of `performance.now`. */
  readonly startedAt: number;
  readonly spans: Span[];
}

/** A request that does more is described well enough by the first ones. */
const MOST_SPANS = 40;

const traces = new AsyncLocalStorage<Trace>();

export const currentTrace = (): Trace | undefined => traces.getStore();

/** Everything that `work` does, however deep below it, belongs to the request. */
export const inTrace = <Result>(trace: Trace, work: () => Result): Result => traces.run(trace, work);

/** Measures work that a request waits for. Outside of a request it only does the work. */
export function span<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const trace = traces.getStore();
  return trace && trace.spans.length < MOST_SPANS ? measured(trace, name, work) : work();
}

async function measured<Result>(trace: Trace, name: string, work: () => Promise<Result>): Promise<Result> {
  const from = performance.now();
  let failed: string | undefined;
  try {
    return await work();
  } catch (error) {
    failed = error instanceof Error ? error.name : String(error);
    throw error;
  } finally {
    const ms = rounded(performance.now() - from);
    trace.spans.push({ name, at: rounded(from - trace.startedAt), ms, ...(failed && { failed }) });
  }
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-0([01])$/;

/** The trace that another host began; undefined if the header is none that our hosts send. */
export function parentOf(traceparent: unknown): Pick<Trace, 'traceId' | 'sampled'> | undefined {
  const found = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent) : null;
  return found ? { traceId: found[1] as string, sampled: found[2] === '1' } : undefined;
}

/** Headers for requests to other processes of the shop, which belong to the same trace. */
export function traceHeaders(): Record<string, string> {
  const trace = traces.getStore();
  if (!trace) return {};
  const span = randomBytes(8).toString('hex');
  return {
    'X-Request-Id': trace.requestId,
    traceparent: `00-${trace.traceId}-${span}-0${trace.sampled ? 1 : 0}`,
  };
}

import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { Answer } from './answer';
import type { Arrivals } from './arrivals';
import type { HttpRequest } from './connection';
import type { Pool } from './pool';
import { createLag, createRecording, type KindOfLoad, type Latency, type Result } from './recording';

/** The longest time of sending without hearing answers. */
const DEAF_MS = 10;

/** A request, and the check of its answer. */
export interface Step extends HttpRequest {
  readonly kind: string;
  /** Returns the fault of the answer; undefined if it is right. */
  check(answer: Answer): string | undefined;
  /** Called if there was no answer: the request may have been processed or not. */
  lost?(): void;
  /** Separate connections, for a request to another server. */
  readonly pool?: Pool;
  /** The next step of this caller, after a right answer. */
  following?(answer: Answer): Step | undefined;
}

export interface LoadOptions {
  readonly pool: Pool;
  readonly arrivals: Arrivals;
  next(): Step;
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** Called with each result, in the order in which requests end. */
  onResult?(result: Result): void;
  /** Ends the load early, for example once it is known to fail. */
  stop?(underWay: number): boolean;
}

export interface Load {
  readonly seconds: number;
  readonly kinds: Readonly<Record<string, KindOfLoad>>;
  /** Delay between the time a request was due and the time it was sent, in ms. */
  readonly lag: Latency;
  /** CPU time of the generator, in microseconds a request. */
  readonly generatorUs: number;
  /** Share of one core. */
  readonly generatorCpu: number;
}

/** Sends requests when they are due, whether or not earlier ones were answered, and resolves once all have ended. */
export async function generate(options: LoadOptions): Promise<Load> {
  const { pool, arrivals, next, timeoutMs = 10_000, onResult, stop } = options;
  const recording = createRecording();
  const lag = createLag();
  const underWay = new Set<{ readonly sentBy: number; readonly abort: () => void }>();
  const start = performance.now();
  const cpu = process.cpuUsage();
  const now = () => performance.now() - start;
  let requests = 0;

  const send = (step: Step, scheduled: number): void => {
    requests++;
    let sent = now();
    const finish = (error: string | undefined, answer?: Answer) => {
      underWay.delete(entry);
      const result = { kind: step.kind, scheduled, sent, ended: now(), error };
      recording.add(result);
      onResult?.(result);
      const following = answer && error === undefined && step.following?.(answer);
      if (following) send(following, now());
    };
    const handle = (step.pool ?? pool).send(
      step,
      () => {
        sent = now();
      },
      (failure, answer) => {
        if (answer) return finish(checked(step, answer), answer);
        step.lost?.();
        finish(now() - scheduled >= timeoutMs ? 'no answer in time' : (failure?.message ?? 'no answer'));
      },
    );
    const entry = { sentBy: scheduled, abort: handle.abort };
    underWay.add(entry);
  };
  /** In the order in which they were due, so the first ones are the oldest. */
  const abortLate = () => {
    for (const { sentBy, abort } of underWay) {
      if (now() - sentBy < timeoutMs) return;
      abort();
    }
  };

  let heardAt = now();
  for (const due of arrivals) {
    // One that is always late would send without end, and hear no answer.
    if (now() - heardAt > DEAF_MS) {
      await turn();
      heardAt = now();
    }
    while (now() < due) {
      // Timers are exact to a millisecond: requests that are due within it go out together, which the lag includes.
      await sleep(Math.max(1, Math.floor(due - now())));
      abortLate();
      heardAt = now();
    }
    if (stop?.(underWay.size)) break;
    lag.add(now() - due);
    send(next(), due);
  }
  while (underWay.size > 0) {
    await sleep(5);
    abortLate();
  }
  const seconds = now() / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds,
    kinds: recording.summary(),
    lag: lag.summary(),
    generatorUs: (user + system) / Math.max(1, requests),
    generatorCpu: (user + system) / 1e6 / seconds,
  };
}

function checked(step: Step, answer: Answer): string | undefined {
  try {
    return step.check(answer);
  } catch (error) {
    return `wrong: ${(error as Error).message}`;
  }
}

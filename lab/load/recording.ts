import { build, type Histogram } from 'hdr-histogram-js';

/** Microseconds; a minute is more than any request waits. */
const HIGHEST_US = 60_000_000;

const newHistogram = (): Histogram =>
  build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });

/** A request and its outcome; times in ms since the start of the load. */
export interface Result {
  readonly kind: string;
  /** The time at which it was due. */
  readonly scheduled: number;
  /** The time at which it went out, on a free connection. */
  readonly sent: number;
  readonly ended: number;
  /** Undefined if the answer was right. */
  readonly error: string | undefined;
}

/** In milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface KindOfLoad {
  readonly requests: number;
  readonly corrected: Latency;
  readonly uncorrected: Latency;
  /** Number of wrong answers by error. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface Recording {
  add(result: Result): void;
  /** By kind, and under `all`. */
  summary(): Readonly<Record<string, KindOfLoad>>;
}

const ALL = 'all';

/** Histograms of right answers. Errors have no latency, so none counts as a fast answer. */
export function createRecording(): Recording {
  const kinds = new Map<string, ReturnType<typeof recordKind>>([[ALL, recordKind()]]);
  return {
    add: (result) => {
      for (const name of [ALL, result.kind]) {
        const kind = kinds.get(name) ?? recordKind();
        kinds.set(name, kind);
        kind.add(result);
      }
    },
    summary: () => Object.fromEntries([...kinds].map(([name, kind]) => [name, kind.summary()])),
  };
}

function recordKind() {
  const [corrected, uncorrected] = [newHistogram(), newHistogram()];
  const errors: Record<string, number> = {};
  let requests = 0;
  return {
    add: ({ scheduled, sent, ended, error }: Result) => {
      requests++;
      if (error !== undefined) {
        errors[error] = (errors[error] ?? 0) + 1;
        return;
      }
      corrected.recordValue(microseconds(ended - scheduled));
      uncorrected.recordValue(microseconds(ended - sent));
    },
    summary: (): KindOfLoad => ({
      requests,
      corrected: latencyOf(corrected),
      uncorrected: latencyOf(uncorrected),
      errors,
    }),
  };
}

const microseconds = (ms: number): number => Math.min(HIGHEST_US, Math.max(1, Math.round(ms * 1000)));

const latencyOf = (histogram: Histogram): Latency => {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.maxValue / 1000 };
};

/** The generator's own lateness, in ms. */
export function createLag() {
  const histogram = newHistogram();
  return {
    add: (ms: number) => histogram.recordValue(microseconds(ms)),
    summary: () => latencyOf(histogram),
  };
}

import ASSUMED from './assumptions.json';

/** The load at a moment. */
export interface Load {
  /** Requests a second to the web tier. */
  readonly rate: number;
  /** CPU time of a request, that of the JavaScript thread, and bytes of the answer, as factors. Default: 1. */
  readonly cost?: number;
  readonly threadCost?: number;
  readonly bytes?: number;
  /** The share of requests that the database still answers, slowly. Default: it is not slow. */
  readonly answered?: number;
}

export interface Scenario {
  readonly name: string;
  readonly start: Date;
  readonly minutes: number;
  /** @param second since the start */
  readonly load: (second: number) => Load;
  /** The second at which a third of the hosts is gone. */
  readonly zoneFails?: number;
  /** A release by instance refresh, or by a rolling update, which suspends the policies. */
  readonly release?: { readonly second: number; readonly suspends: boolean };
}

/** Share of the busiest hour in each hour of New York: business begins there and ends on the West Coast. */
const SHAPE = [
  0.22, 0.16, 0.12, 0.09, 0.08, 0.1, 0.16, 0.3, 0.55, 0.8, 0.94, 1, 1, 1, 0.98, 0.97, 0.95, 0.92, 0.85, 0.74,
  0.6, 0.46, 0.35, 0.28,
];
const PEAK = (ASSUMED.load.value * SHAPE.length) / SHAPE.reduce((sum, share) => sum + share, 0);

/** Requests a second at an hour of a business day. */
function rateAt(hour: number): number {
  const [here = 0, next = 0] = [SHAPE[Math.floor(hour) % 24], SHAPE[(Math.floor(hour) + 1) % 24]];
  return PEAK * (here + (next - here) * (hour % 1));
}

interface Part {
  /** In New York. */
  readonly hour: number;
  readonly minutes: number;
  /** Less load, and no business hours in which the minimum is higher. */
  readonly weekend?: boolean;
}

/** A part of a day. @param load of the rate that the hour has */
export function partOfDay(
  name: string,
  { hour, minutes, weekend = false }: Part,
  load: (rate: number, second: number) => Load,
): Scenario {
  const midnight = Date.parse(`2026-11-${weekend ? 21 : 18}T00:00:00-05:00`);
  return {
    ...{ name, minutes, start: new Date(midnight + hour * 3_600_000) },
    load: (second) => load(rateAt(hour + second / 3600) * (weekend ? 0.6 : 1), second),
  };
}

/** A factor that goes from 1 to `to`. */
export const rise = (to: number, from: number, within: number) => (second: number) =>
  1 + (to - 1) * Math.min(1, Math.max(0, (second - from) / within));

const day = { hour: 0, minutes: 24 * 60 };
const sale = (second: number) => rise(3, 10 * 3600, 300)(second) * rise(1 / 3, 14 * 3600, 4 * 3600)(second);

export const DAYS: readonly Scenario[] = [
  partOfDay('business day', day, (rate) => ({ rate })),
  partOfDay('day at the weekend', { ...day, weekend: true }, (rate) => ({ rate })),
  partOfDay('day of a sale', day, (rate, second) => ({ rate: rate * sale(second) })),
];

/** The minute of what happens. */
export const AT = 30;
const at = AT * 60;
const business = { hour: 12, minutes: 120 };
/** The groups are as small as they ever are at noon, and no schedule helps. */
const saturday = { ...business, weekend: true };

const times = (name: string, factor: (second: number) => number, part: Part = saturday): Scenario =>
  partOfDay(name, part, (rate, second) => ({ rate: rate * factor(second) }));
const changed = (name: string, change: (rate: number) => Load, part: Part = saturday): Scenario =>
  partOfDay(name, part, (rate, second) => (second < at ? { rate } : change(rate)));

/** Each happens half an hour after the start. */
export const EVENTS = {
  spike: times('3 x within five minutes', rise(3, at, 300)),
  surge: times('8 x within five minutes', rise(8, at, 300)),
  crowd: times('4 x at once', rise(4, at, 10)),
  morning: times('3 x within five minutes, as business begins', rise(3, at, 300), { ...business, hour: 9 }),
  zone: { ...times('a failed zone', () => 1, business), zoneFails: at },
  release: {
    ...times('3 x within five minutes, during a release', rise(3, at, 300)),
    release: { second: at - 120, suspends: false },
  },
  slowDatabase: changed('a slow database', (rate) => ({ rate, answered: 0.4 }), business),
  searches: changed('few requests that take long', (rate) => ({ rate: rate / 36, cost: 60 })),
  photos: changed('a burst of photos', (rate) => ({ rate: rate / 42, cost: 240 })),
  /** Purchases without log-ins, which hash passwords on other threads. */
  buyers: changed('17 x the purchases', (rate) => ({ rate: rate * 17, cost: 59 / 100, threadCost: 58 / 61 })),
  longAnswers: changed('long answers, not compressed', (rate) => ({ rate, bytes: 24 })),
} as const satisfies Record<string, Scenario>;

import type { RateProfile } from '../load/arrivals';
import type { Step } from '../load/generator';
import type { Random } from '../load/random';
import type { Fixtures } from './fixtures';
import * as reads from './reads';
import * as writes from './writes';

export type Action = (fixtures: Fixtures) => Step;

/** The actions of callers, and the requests a second at which each is measured alone: gentle, on two cores. */
export const ACTIONS = {
  product: { start: reads.readProduct, gently: 200 },
  'hot product': { start: reads.readHotProduct, gently: 200 },
  'forged cookie': { start: reads.readWithForgedCookie, gently: 100 },
  'missing product': { start: reads.readMissingProduct, gently: 100 },
  'front page': { start: reads.readFrontPage, gently: 100 },
  category: { start: reads.readCategory, gently: 100 },
  search: { start: reads.search, gently: 50 },
  profile: { start: reads.readProfile, gently: 100 },
  'own orders': { start: reads.readReservations, gently: 100 },
  buy: { start: writes.buy, gently: 50 },
  'buy hot': { start: writes.buyHot, gently: 50 },
  'sign up': { start: writes.register, gently: 10 },
  'log in': { start: writes.logIn, gently: 10 },
} as const satisfies Record<string, { readonly start: Action; readonly gently: number }>;

/** `photo` needs a picture that is made first: see `photoAction`. */
export type ActionName = keyof typeof ACTIONS | 'photo';

export interface Scenario {
  readonly name: string;
  /** Shown to people. */
  readonly about: string;
  /** The actions of its callers, by weight. */
  readonly mix: Readonly<Partial<Record<ActionName, number>>>;
  /** Share of the peak rate, as a run goes from 0 to 1. Default: steady. */
  readonly shape?: (progress: number) => number;
}

/** No load, then the peak at once, and after a third of the time nearly none. */
const rush = (progress: number) => (progress < 0.1 ? 0.1 : progress < 0.4 ? 1 : 0.2);
/** From midnight to midnight: quiet, a peak at noon, a higher one in the evening. */
const day = (progress: number) => 0.15 + 0.45 * bell(progress, 0.5, 0.12) + 0.85 * bell(progress, 0.84, 0.07);
const bell = (at: number, middle: number, width: number) => Math.exp(-(((at - middle) / width) ** 2) / 2);

/** A hundred reads, and one purchase. */
const BROWSING = { product: 70, 'front page': 10, category: 12, search: 4, profile: 4, buy: 1 } as const;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'browse',
    about: 'a hundred reads for each purchase, products by Zipf 1.0',
    mix: BROWSING,
  },
  {
    name: 'flash-sale',
    about: 'thousands of buyers of one product that is in short supply',
    mix: { 'hot product': 10, 'front page': 1, 'buy hot': 5 },
    shape: rush,
  },
  { name: 'sign-up', about: 'a wave of new accounts', mix: { 'sign up': 1, 'front page': 4 }, shape: rush },
  {
    name: 'log-in',
    about: 'a wave of log-ins while others browse',
    mix: { 'log in': 1, product: 20 },
    shape: rush,
  },
  {
    name: 'photo-burst',
    about: 'staff upload photos while others browse',
    mix: { photo: 1, product: 40 },
    shape: rush,
  },
  {
    name: 'cache-miss',
    about: 'an attack past every cache: unknown ids, and forged cookies',
    mix: { 'missing product': 2, 'forged cookie': 1, search: 1 },
  },
  {
    name: 'business-day',
    about: 'a compressed day: quiet at night, busy at noon, busiest in the evening',
    mix: { ...BROWSING, 'log in': 0.2, 'sign up': 0.05 },
    shape: day,
  },
];

export const scenarioNamed = (name: string): Scenario | undefined =>
  SCENARIOS.find((scenario) => scenario.name === name);

/** The rate over a run of `seconds` with the peak `rate`. */
export const profileOf =
  ({ shape = () => 1 }: Scenario, rate: number, seconds: number): RateProfile =>
  (second) =>
    rate * Math.min(1, shape(second / seconds));

/** Draws the action of the next caller by the weights of the mix. */
export function draw(mix: Scenario['mix'], actions: Readonly<Record<ActionName, Action>>, random: Random) {
  const entries = Object.entries(mix) as [ActionName, number][];
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  return (fixtures: Fixtures): Step => {
    let left = random() * total;
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return actions[name](fixtures);
    }
    const [last] = entries.at(-1) ?? ['product' as const];
    return actions[last](fixtures);
  };
}

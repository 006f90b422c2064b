import { capitalized, type Service } from '../../phases';

/** Nothing of the CDK here: documents and tests read the same numbers (decision 0140). */

/** A promise: this share of the answers of 30 days is right, and in time. */
export interface Objective<Id extends string = string> {
  readonly id: Id;
  /** The answers that count, in words. */
  readonly answers: string;
  /** In percent. What is left of 100 is the error budget. */
  readonly target: number;
}

/** An answer that takes longer counts as a bad one. */
export const LATEST_ANSWER_SECONDS = 1;

/**
 * The same for each, since a purchase needs all three. Below what AWS promises for the parts in series
 * (docs/availability.md), since deploys and faults of our own spend of the budget too.
 */
const target = 99.9;

/** To shoppers. */
export const objectives: readonly Objective<'Browse' | 'LogIn' | 'Reserve'>[] = [
  { id: 'Browse', answers: 'answers of the web servers', target },
  { id: 'LogIn', answers: 'log-ins', target },
  { id: 'Reserve', answers: 'reservations and their confirmations', target },
];

/**
 * Of a service with processes of its own, to everybody who asks it (decision 0153). A reservation needs both, so both
 * together keep the promise to shoppers.
 */
export const serviceObjective = (service: Service): Objective => ({
  id: capitalized(service),
  answers: `answers of the ${service} service`,
  target: 99.95,
});

/**
 * The speed at which the error budget burns: at a rate of 1 it is used up after 30 days. The short window ends an alarm soon after
 * its cause.
 */
export interface BurnRate {
  readonly id: 'Fast' | 'Slow';
  readonly rate: number;
  readonly longMinutes: number;
  readonly shortMinutes: number;
}

/**
 * As in chapter 5 of Google's "Site Reliability Workbook": 2% of the budget in an hour, and 10% in a day. Its window of
 * three days is longer than a period of CloudWatch may be.
 */
export const burnRates: readonly BurnRate[] = [
  { id: 'Fast', rate: 14.4, longMinutes: 60, shortMinutes: 5 },
  { id: 'Slow', rate: 3, longMinutes: 24 * 60, shortMinutes: 120 },
];

/** The share of bad answers at which the budget burns at this rate, in percent. */
export const badShare = ({ target }: Objective, rate: number): number =>
  Math.round((100 - target) * rate * 1000) / 1000;

/** Fewer bad answers in a window say nothing: at night one of ten log-ins would be 10%. */
export const LEAST_BAD_ANSWERS = 10;

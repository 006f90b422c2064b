import type { PlanInput } from './load';

/** A value of an option that cannot be used. */
export class InputError extends Error {
  override name = 'InputError';
}

const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** Ten times as many as there are people, and as many requests as they all would send. */
const MOST_USERS = { value: 1e11, text: '100B' };
const MOST = { value: 1e15, text: '1000T' };

/** `10M` as 10,000,000. @throws InputError with the option, the text that was given and the form that is expected */
export function numberOf(option: string, given: string): number {
  const [, digits, factor = ''] = /^(\d{1,15}(?:\.\d{1,6})?)([kMBT]?)$/.exec(given) ?? [];
  const value = Number(digits) * (FACTORS[factor] ?? Number.NaN);
  const most = option === 'users' ? MOST_USERS : MOST;
  if (!Number.isFinite(value) || value <= 0 || value > most.value)
    throw new InputError(
      `--${option} is "${given}"; expected a number above 0 and up to ${most.text}, such as 500, 10k, 2.5M or 100B.`,
    );
  return value;
}

const PLAN_OPTIONS = ['users', 'reads', 'writes', 'ratio', 'kb', 'photos', 'months'] as const;

export type PlanOptions = Readonly<Partial<Record<(typeof PLAN_OPTIONS)[number], string>>>;

/** @throws InputError */
export function planInput(options: PlanOptions): PlanInput {
  const input: PlanInput = Object.fromEntries(
    PLAN_OPTIONS.flatMap((name) => {
      const given = options[name];
      return given === undefined ? [] : [[name, numberOf(name, given)]];
    }),
  );
  if (input.users === undefined && input.reads === undefined && input.writes === undefined)
    throw new InputError('No load is given; expected --users, --reads or --writes, such as --users 10M.');
  if (input.reads !== undefined && input.writes !== undefined && input.ratio !== undefined)
    throw new InputError(
      `--ratio is "${options.ratio}" beside --reads and --writes; expected at most two of the three.`,
    );
  return input;
}

/** A phase that exists. @throws InputError */
export function phaseNumber(option: string, given: string, numbers: readonly number[]): number {
  const number = Number(given);
  if (numbers.includes(number)) return number;
  throw new InputError(`--${option} is "${given}"; expected one of ${numbers.join(', ')}.`);
}

import { describeFault, type FaultKind } from './faults';
import { type Plan, planOf, type Subject } from './plan';
import { run } from './run';
import type { Wiring } from './shop';
import { shrink } from './shrink';

/** Numbers of some histories, which can be added to those of others. */
export interface Summary {
  readonly histories: Readonly<Partial<Record<Subject, number>>>;
  readonly operations: Readonly<Partial<Record<string, number>>>;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly calls: number;
  readonly undecided: number;
  readonly failures: readonly Failure[];
  readonly cpuMs: number;
}

interface Failure {
  readonly seed: number;
  readonly sentences: readonly string[];
}

export const NOTHING: Summary = {
  histories: {},
  operations: {},
  faults: {},
  calls: 0,
  undecided: 0,
  failures: [],
  cpuMs: 0,
};

/** Runs the history of one seed. What the simulator itself throws, such as that nothing happens any more, is a failure. */
export async function simulate(seed: number, wiring: Wiring = {}): Promise<Summary> {
  const plan = planOf(seed);
  const { user, system } = process.cpuUsage();
  const { wrong, calls, undecided } = await outcomeOf(plan, wiring);
  const used = process.cpuUsage({ user, system });
  return {
    histories: { [plan.subject]: 1 },
    operations: counted(plan.operations.map(({ kind }) => kind)),
    faults: counted(plan.faults.map(({ kind }) => kind)),
    ...{ calls, undecided },
    failures: wrong.length > 0 ? [{ seed, sentences: wrong }] : [],
    cpuMs: (used.user + used.system) / 1000,
  };
}

export const added = (one: Summary, other: Summary): Summary => ({
  histories: sums(one.histories, other.histories),
  operations: sums(one.operations, other.operations),
  faults: sums(one.faults, other.faults),
  calls: one.calls + other.calls,
  undecided: one.undecided + other.undecided,
  failures: [...one.failures, ...other.failures],
  cpuMs: one.cpuMs + other.cpuMs,
});

/** The whole history of a plan, and its smallest part that fails too: for people. */
export async function explained(plan: Plan, wiring: Wiring = {}): Promise<string> {
  const whole = await outcomeOf(plan, wiring);
  if (whole.wrong.length === 0) return `${whole.text}\n\nAll of it is right.`;
  const fails = async (smaller: Plan) => (await outcomeOf(smaller, wiring)).wrong.length > 0;
  const smallest = await shrink(plan, fails);
  const { text, wrong } = await outcomeOf(smallest, wiring);
  const { operations, faults, shape } = smallest;
  return [
    `The history of seed ${plan.seed} is wrong. The smallest part of it that was found wrong has`,
    `${operations.length} operations and ${faults.length} faults, in a shop of ${describeShape(shape)}`,
    ...faults.map(describeFault),
    '',
    text,
    '',
    ...wrong,
  ].join('\n');
}

const describeShape = (shape: Plan['shape']): string =>
  Object.entries(shape)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

async function outcomeOf(plan: Plan, wiring: Wiring) {
  try {
    return await run(plan, wiring);
  } catch (error) {
    return { text: '', calls: 0, undecided: 0, wrong: [`the history did not come to its end: ${error}`] };
  }
}

const counted = (words: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
};

function sums<Name extends string>(
  one: Readonly<Partial<Record<Name, number>>>,
  other: Readonly<Partial<Record<Name, number>>>,
): Partial<Record<Name, number>> {
  const sum: Partial<Record<Name, number>> = { ...one };
  for (const name of Object.keys(other) as Name[]) sum[name] = (sum[name] ?? 0) + (other[name] ?? 0);
  return sum;
}

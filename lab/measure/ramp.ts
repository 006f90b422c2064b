import { findSaturation } from '../analysis/saturation';
import { poisson } from '../load/arrivals';
import type { Load } from '../load/generator';
import { seeded } from '../load/random';
import type { KindOfLoad } from '../load/recording';
import { GeneratorBoundError, isGeneratorBound, sound } from '../load/soundness';
import type { Scenario } from '../scenarios/scenarios';
import { type Instruments, measured } from './demand';

/** Saturated: slower than this at p99, or wrong for more than one in a thousand. */
export const LIMIT = { p99Ms: 50, errors: 0.001 } as const;

/** An attempt at one rate. */
export interface RampStep {
  readonly rate: number;
  readonly kept: boolean;
  /** True if the generator was the bottleneck, so that the step says nothing about the servers. */
  readonly generatorBound: boolean;
  readonly corrected: KindOfLoad['corrected'];
  readonly uncorrected: KindOfLoad['uncorrected'];
  readonly errors: KindOfLoad['errors'];
  /** Cores that other programs on this machine used meanwhile. */
  readonly others: number;
}

export interface Saturation {
  /**
   * Requests a second; undefined if the servers failed even at the lowest, or the generator reached its limit first.
   */
  readonly rate: number | undefined;
  readonly steps: readonly RampStep[];
}

export interface RampOptions {
  readonly from: number;
  /** Duration of each rate, after a third of it to warm up. */
  readonly seconds: number;
  readonly halvings: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/**
 * Bounds of the search, by its first rate. Servers that fail at a tenth of that are disturbed: no lower rate is tried.
 */
const LOWEST = 1 / 10;
const HIGHEST = 10;

/** Raises the rate of independent callers until the servers no longer keep up. */
export async function ramp(
  instruments: Instruments,
  scenario: Scenario,
  options: RampOptions,
): Promise<Saturation> {
  const { from, seconds, halvings, seed, say } = options;
  const steps: RampStep[] = [];
  const attempt = async (rate: number): Promise<boolean> => {
    await sent(instruments, scenario, rate, seconds / 3, seed);
    const { load, cpu } = await measured(instruments, () =>
      sent(instruments, scenario, rate, seconds, seed + steps.length + 1),
    );
    const step = stepOf(rate, load, cpu.others);
    steps.push(step);
    say(lineOf(step));
    if (step.generatorBound) sound(load);
    return step.kept;
  };
  const range = { lowest: from * LOWEST, highest: from * HIGHEST };
  try {
    return { rate: await findSaturation(attempt, { from, ...range, halvings }), steps };
  } catch (error) {
    if (!(error instanceof GeneratorBoundError)) throw error;
    say(`  ${error.message}`);
    return { rate: undefined, steps };
  }
}

/** Ends early once the number of waiting requests shows that the servers do not keep up. */
const sent = (
  { stage }: Instruments,
  { mix }: Scenario,
  rate: number,
  seconds: number,
  seed: number,
): Promise<Load> =>
  stage.run(
    mix,
    poisson(() => rate, rate, seconds, seeded(seed)),
    { stop: (underWay) => underWay > Math.max(100, rate / 2) },
  );

function stepOf(rate: number, load: Load, others: number): RampStep {
  const all = load.kinds.all;
  if (!all) throw new Error('A load has no summary');
  const { corrected, uncorrected, errors, requests } = all;
  const wrong = Object.values(errors).reduce((sum, times) => sum + times, 0);
  const kept = corrected.p99 <= LIMIT.p99Ms && wrong <= requests * LIMIT.errors;
  return {
    rate,
    kept,
    generatorBound: !kept && isGeneratorBound(load) && load.generatorCpu > 0.8,
    corrected,
    uncorrected,
    errors,
    others,
  };
}

function lineOf({ rate, kept, corrected, uncorrected, errors, others }: RampStep): string {
  const wrong = Object.entries(errors).map(([error, times]) => `${times} x ${error}`);
  return [
    `  ${Math.round(rate)}/s ${kept ? 'kept' : 'not kept'}:`,
    `p99 ${corrected.p99.toFixed(1)} ms (uncorrected ${uncorrected.p99.toFixed(1)})`,
    ...(wrong.length > 0 ? [`, ${wrong.join(', ')}`] : []),
    `, others use ${others.toFixed(1)} cores`,
  ].join(' ');
}

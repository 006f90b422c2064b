import type { Load } from './generator';

/** Past either of these limits the generator is the bottleneck, and its figures are about itself. */
const LIMITS = { lagP99Ms: 10, cpu: 0.9 } as const;

/** Attempts at one measurement before the run gives up. */
const ATTEMPTS = 4;

export class GeneratorBoundError extends Error {
  override name = 'GeneratorBoundError';
}

export const isGeneratorBound = ({ lag, generatorCpu }: Pick<Load, 'lag' | 'generatorCpu'>): boolean =>
  lag.p99 > LIMITS.lagP99Ms || generatorCpu > LIMITS.cpu;

/** Returns the load if its figures are about the servers. @throws GeneratorBoundError */
export function sound(load: Load): Load {
  if (!isGeneratorBound(load)) return load;
  const { lag, generatorCpu } = load;
  throw new GeneratorBoundError(
    `The generator was the bottleneck: p99 of its own lag ${lag.p99.toFixed(1)} ms (at most ${LIMITS.lagP99Ms}), ${Math.round(generatorCpu * 100)} % of a core (at most ${LIMITS.cpu * 100}). Nothing is reported; lower the rate or free the machine.`,
  );
}

/**
 * Repeats a measurement if the generator could not send in time, since the machine may have been busy for a moment.
 * @throws GeneratorBoundError
 */
export async function soundly<T extends { readonly load: Load }>(measure: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; left > 0; left--) {
    const result = await measure();
    if (!isGeneratorBound(result.load)) return result;
  }
  const last = await measure();
  sound(last.load);
  return last;
}

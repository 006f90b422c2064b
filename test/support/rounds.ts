/** The factor by which tests look longer for rare failures: 1 in CI, 3 at night, 30 in a closing run. */
export const ROUNDS = Number(process.env.ROUNDS ?? 1);

/** The seed of all random choices of a run. A run prints it at its start, and can be repeated with it. */
export const SEED = Number(process.env.SEED);

/** The parameters of a fast-check property with `each` tries in a round. */
export const runs = (each: number) => ({ numRuns: each * ROUNDS, seed: SEED });

/** Returns the next random number of the run, from 0 up to 1 (mulberry32). */
export function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

let state = SEED;

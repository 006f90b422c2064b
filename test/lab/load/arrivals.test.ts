import fc from 'fast-check';
import { constant, evenly, poisson } from '../../../lab/load/arrivals';
import { seeded } from '../../../lab/load/random';

describe('arrivals', () => {
  it('come in order, within the time, and the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 500 }), (seed, rate) => {
        const made = () => [...poisson(constant(rate), rate, 3, seeded(seed))];
        const all = made();
        expect(all).toEqual(made());
        expect(all.every((at, n) => at >= (all[n - 1] ?? 0) && at < 3000)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('are as many as the rate says, with the variance of independent callers', () => {
    const counts = Array.from(
      { length: 400 },
      (_, seed) => [...poisson(constant(100), 100, 1, seeded(seed))].length,
    );
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
    expect(mean).toBeGreaterThan(97);
    expect(mean).toBeLessThan(103);
    expect(variance / mean).toBeGreaterThan(0.8);
    expect(variance / mean).toBeLessThan(1.2);
  });

  it('follow a profile', () => {
    const all = [...poisson((second) => (second < 5 ? 10 : 100), 100, 10, seeded(1))];
    const early = all.filter((at) => at < 5000).length;
    expect(early).toBeGreaterThan(25);
    expect(early).toBeLessThan(80);
    expect(all.length - early).toBeGreaterThan(400);
  });

  it('are at equal distances where that is wanted', () => {
    expect([...evenly(4, 1)]).toEqual([0, 250, 500, 750]);
  });
});

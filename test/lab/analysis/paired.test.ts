import { compare, compareUntilDecided } from '../../../lab/analysis/paired';
import { type Random, seeded } from '../../../lab/load/random';

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Pairs of a machine that drifts by half, with noise of its own in each measurement and now and then an outlier. */
function measured(slowdown: number, noise: number, random: Random) {
  const one = (drift: number) => 100 * drift * Math.exp(noise * normal(random)) * (random() < 0.05 ? 1.5 : 1);
  return compareUntilDecided(async (turn) => {
    const drift = 1 + 0.5 * Math.sin(turn);
    return { before: one(drift), after: one(drift) * slowdown };
  });
}

const verdicts = async (slowdown: number, noise: number, tries: number) => {
  const counts: Record<string, number> = {};
  for (let seed = 0; seed < tries; seed++) {
    const { verdict } = await measured(slowdown, noise, seeded(seed));
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
};

describe('the comparison of two revisions', () => {
  it.each([0.03, 0.06, 0.1])(
    'finds a slowdown of 15 % in 19 of 20 tries, with noise of %d',
    async (noise) => {
      const { slower = 0 } = await verdicts(1.15, noise, 400);
      expect(slower / 400).toBeGreaterThanOrEqual(0.95);
    },
  );

  it.each([0.03, 0.06, 0.1])(
    'finds none where there is none, in 99 of 100 tries, with noise of %d',
    async (noise) => {
      const { slower = 0, faster = 0 } = await verdicts(1, noise, 400);
      expect((slower + faster) / 400).toBeLessThanOrEqual(0.01);
    },
  );

  it('finds an improvement', async () => {
    const { faster = 0 } = await verdicts(1 / 1.15, 0.05, 100);
    expect(faster).toBeGreaterThanOrEqual(95);
  });

  it('publishes nothing when the machine is too noisy', async () => {
    const counts = await verdicts(1.15, 0.5, 100);
    expect(counts['too noisy']).toBeGreaterThanOrEqual(95);
  });

  it('refuses to compare fewer than three pairs', () => {
    expect(() => compare([{ before: 1, after: 1 }])).toThrow('A comparison needs at least 3 pairs, not 1');
  });
});

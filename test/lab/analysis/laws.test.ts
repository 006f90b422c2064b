import fc from 'fast-check';
import { bottleneckSentence, limitsOf, relieved, rounded } from '../../../lab/analysis/bottleneck';
import { fleetOf } from '../../../lab/analysis/fleet';
import { findSaturation } from '../../../lab/analysis/saturation';
import { interval95, median } from '../../../lab/analysis/statistics';
import { isProven, pinnedRate, predictedRate, total } from '../../../lab/analysis/utilization';
import { seeded } from '../../../lab/load/random';
import { zipf } from '../../../lab/scenarios/zipf';
import { phases } from '../../../lib/phases';

const us = fc.double({ min: 1, max: 10_000, noNaN: true });
const demands = fc.record({ nginx: us, app: us, database: us, generator: us });

describe('the utilization law', () => {
  it('uses all cores at the predicted rate, and no more', () => {
    fc.assert(
      fc.property(demands, fc.integer({ min: 1, max: 64 }), (each, cores) => {
        expect((predictedRate(each, cores) * total(each)) / 1e6).toBeCloseTo(cores, 6);
      }),
    );
  });

  it('predicts no more with one component pinned to a core than without', () => {
    fc.assert(
      fc.property(demands, fc.integer({ min: 2, max: 64 }), (each, cores) => {
        expect(pinnedRate(each, 'app', cores)).toBeLessThanOrEqual(predictedRate(each, cores) * (1 + 1e-9));
      }),
    );
  });

  it('is unproven when measured is more than a quarter beside predicted', () => {
    expect([74, 76, 100, 124, 126].map((measured) => isProven(100, measured))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('the bottleneck', () => {
  it('is the lowest limit, and more of any other resource changes nothing', () => {
    const fleet = [
      { name: 'the web tier', serves: ['nginx'], cores: 6 },
      { name: 'the app', serves: ['app'], cores: 3 },
      { name: 'the database', serves: ['database'], cores: 2 },
    ];
    fc.assert(
      fc.property(demands, fc.double({ min: 1, max: 10, noNaN: true }), (each, factor) => {
        const limits = limitsOf(each, fleet);
        const [first] = limits;
        expect(limits.every(({ rate }) => rate >= (first?.rate ?? 0))).toBe(true);
        const more = fleet.map((one) =>
          one.name === first?.name ? one : { ...one, cores: one.cores * factor },
        );
        expect(limitsOf(each, more)[0]).toEqual(first);
      }),
    );
  });

  it('is said in one sentence, with the next one', () => {
    const limits = limitsOf(
      { nginx: 100, 'app thread': 300, app: 400, database: 50 },
      fleetOf(phases[0] ?? never(), 1),
    );
    expect(bottleneckSentence(1, limits)).toBe(
      'In phase 1 the JavaScript of the app saturates first, at 3,300 requests/s on the fleet of phases.ts; the next is the CPU of the box at 3,600.',
    );
    expect(relieved(limits, limits)).toBe(
      'The JavaScript of the app is still the first to saturate; the fleet serves 1.0 times as much.',
    );
  });

  it('leaves out resources that no request needs', () => {
    expect(limitsOf({ nginx: 5 }, [{ name: 'the app', serves: ['app'], cores: 1 }])).toEqual([]);
  });

  it('rounds rates to two digits', () => {
    expect([4.2, 12.3, 1234, 98_765].map(rounded)).toEqual(['4', '12', '1,200', '99,000']);
  });
});

describe('the fleet of each phase', () => {
  it.each(phases)('has room in phase $number for every component', (phase) => {
    const served = new Set(fleetOf(phase).flatMap(({ serves }) => serves));
    const apps =
      phase.tiers === 'none' ? ['app', 'app thread'] : ['read', 'write', 'read thread', 'write thread'];
    for (const component of ['nginx', 'database', ...apps]) expect(served).toContain(component);
  });

  it('serves no less in a later phase, at the same demands', () => {
    const each = {
      nginx: 60,
      app: 300,
      'app thread': 250,
      read: 290,
      'read thread': 240,
      write: 10,
      'write thread': 8,
      database: 90,
    };
    const rates = phases.map((phase) => limitsOf(each, fleetOf(phase))[0]?.rate ?? 0);
    expect(rates).toEqual([...rates].sort((one, other) => one - other));
  });
});

describe('the search for saturation', () => {
  it('finds the rate from wherever it begins, within the last step', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 20, max: 5000, noNaN: true }),
        fc.double({ min: 20, max: 5000, noNaN: true }),
        async (truth, from) => {
          const options = { from, lowest: 10, highest: 10_000, halvings: 3 };
          const found = (await findSaturation(async (rate) => rate <= truth, options)) ?? 0;
          expect(found).toBeLessThanOrEqual(truth);
          expect(found).toBeGreaterThan(truth * 0.95);
        },
      ),
    );
  });

  it('finds no rate when the servers fail at the lowest, and stops at the highest', async () => {
    const options = { from: 100, lowest: 10, highest: 1000, halvings: 3 };
    expect(await findSaturation(async () => false, options)).toBeUndefined();
    expect(await findSaturation(async () => true, options)).toBe(1000);
  });
});

describe('statistics', () => {
  it('gives an interval that holds the truth in about 95 of 100 cases', () => {
    let held = 0;
    for (let seed = 0; seed < 1000; seed++) {
      const random = seeded(seed);
      const values = Array.from({ length: 6 }, () => 10 + random() + random() + random() - 1.5);
      const { low, high } = interval95(values);
      if (low <= 10 && 10 <= high) held++;
    }
    expect(held).toBeGreaterThan(930);
    expect(held).toBeLessThan(970);
  });

  it('takes the middle one, or what is between the two', () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  });
});

describe('Zipf', () => {
  it('asks for the first product as often as its weight says', () => {
    const rank = zipf(50_000, 1, seeded(7));
    const counts = new Map<number, number>();
    for (let n = 0; n < 100_000; n++) {
      const one = rank();
      counts.set(one, (counts.get(one) ?? 0) + 1);
    }
    const harmonic = Array.from({ length: 50_000 }, (_, at) => 1 / (at + 1)).reduce(
      (sum, one) => sum + one,
      0,
    );
    for (const at of [0, 1, 9]) {
      const expected = 100_000 / (at + 1) / harmonic;
      expect(Math.abs((counts.get(at) ?? 0) - expected)).toBeLessThan(5 * Math.sqrt(expected));
    }
  });
});

function never(): never {
  throw new Error('There is a phase 1');
}

import { phaseNumbered, phases } from '../../../lib/phases';
import { availabilityOf, behindTheCdn, type Part, pathsOf } from '../../../review/availability/availability';

const instance: Part = { service: 'instance' };

test('parts that are all needed multiply, so that each more is less', () => {
  expect(availabilityOf({ series: [] })).toBe(1);
  expect(availabilityOf({ series: [instance, instance] })).toBeCloseTo(0.995 ** 2, 10);
});

test('parts of which one is enough fail only together', () => {
  expect(availabilityOf({ parallel: [instance, instance] })).toBeCloseTo(1 - 0.005 ** 2, 10);
  expect(availabilityOf({ parallel: [instance] })).toBeCloseTo(0.995, 10);
});

test('the two nest', () => {
  const pair: Part = { series: [instance, { parallel: [instance, instance] }] };
  expect(availabilityOf(pair)).toBeCloseTo(0.995 * (1 - 0.005 ** 2), 10);
});

const of = (number: number) => {
  const phase = phaseNumbered(number);
  if (!phase) throw new Error(`no phase ${number}`);
  const { browse, buy } = pathsOf(phase);
  return { browse: availabilityOf(browse), buy: availabilityOf(buy) };
};

test('N2: one box is what its instance and its volume are', () => {
  expect(of(1).buy).toBeCloseTo(0.995 * 0.999, 10);
});

test('N2: a second machine in series makes it less available, and groups over zones make it more', () => {
  expect(of(2).buy).toBeLessThan(of(1).buy);
  for (const { number } of phases.filter((phase) => phase.tiers !== 'none'))
    expect(of(number).buy).toBeGreaterThan(of(1).buy);
});

test('N2: a cache beside the database adds to reading and takes nothing from buying', () => {
  expect(of(4).browse).toBeGreaterThan(of(3).browse);
  expect(of(4).buy).toBe(of(3).buy);
});

test('N2: behind the CDN five parts over zones are needed, and one more between two services', () => {
  for (const phase of phases) {
    const { tiers } = phase;
    if (tiers === 'none') continue;
    const parts = tiers.groups.some(({ service }) => service === 'all') ? 5 : 6;
    expect(behindTheCdn(phase)).toBeCloseTo(0.9999 ** parts, 10);
  }
});

import { planOf } from '../../../lab/simulator/plan';
import { PLANTED } from '../../../lab/simulator/planted';
import { simulate } from '../../../lab/simulator/simulate';

const proven = PLANTED.flatMap(({ within, ...bug }) => (within === undefined ? [] : [{ ...bug, within }]));

test('at least thirty planted bugs are found, and each has a sentence and a name of its own', () => {
  expect(proven.length).toBeGreaterThanOrEqual(30);
  expect(new Set(PLANTED.map(({ name }) => name)).size).toBe(PLANTED.length);
  for (const { says } of PLANTED) expect(says).toMatch(/^[A-Z].+\.$/);
});

test.each(proven)('finds "$name" within $within seeds: $says', async ({ subject, wiring, within }) => {
  for (let seed = 0, tried = 0; tried < within; seed++) {
    if (planOf(seed).subject !== subject) continue;
    tried++;
    const { failures } = await simulate(seed, wiring);
    if (failures.length > 0) return;
  }
  throw new Error(`not found within ${within} seeds`);
});

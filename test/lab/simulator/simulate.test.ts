import { KEPT, keptPlan } from '../../../lab/simulator/kept';
import { planOf } from '../../../lab/simulator/plan';
import { CANARY, PLANTED } from '../../../lab/simulator/planted';
import { run } from '../../../lab/simulator/run';
import { explained, simulate } from '../../../lab/simulator/simulate';
import { simulateAll } from '../../../lab/simulator/workers';
import { ROUNDS } from '../../support/rounds';

/** Always the same seeds: a change that breaks one is found by that change. `npm run simulate` has all others. */
const HISTORIES = 60;

test('N2: every history of the application is right, whatever fails', async () => {
  const failures: string[] = [];
  await simulateAll({ from: 1, count: HISTORIES * ROUNDS }, (some) => {
    failures.push(...some.failures.map(({ seed, sentences }) => `seed ${seed}: ${sentences.join('\n')}`));
  });
  expect(failures).toEqual([]);
});

test('the same seed gives the same history, byte for byte, whatever came before', async () => {
  // One of each subject, with faults.
  for (const seed of [3, 4, 14, 15]) {
    const { text } = await run(planOf(seed));
    await run(planOf(seed + 16));
    expect((await run(planOf(seed))).text).toBe(text);
    expect((await run(planOf(seed + 16))).text).not.toBe(text);
  }
});

test('a canary is found in each history', async () => {
  for (let seed = 1; seed <= 16; seed++)
    expect([seed, (await simulate(seed, CANARY)).failures.length]).toEqual([seed, 1]);
});

test('a failure is explained by the few operations that it takes', async () => {
  const kept = PLANTED.find(({ name }) => name === 'kept pieces')?.wiring;
  const seeds = Array.from({ length: 40 }, (_, seed) => seed).filter(
    (seed) => planOf(seed).subject === 'stock',
  );
  for (const seed of seeds) {
    if ((await simulate(seed, kept)).failures.length === 0) continue;
    expect(await explained(planOf(seed), kept)).toMatch(/was found wrong has\n[1-4] operations and 0 faults/);
    return;
  }
  throw new Error('It was not found');
});

test('what was wrong once stays mended', async () => {
  for (const kept of KEPT)
    expect({ ...kept, wrong: (await run(keptPlan(kept))).wrong }).toEqual({ ...kept, wrong: [] });
});

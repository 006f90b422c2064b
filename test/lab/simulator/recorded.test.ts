import { planOf, type Subject } from '../../../lab/simulator/plan';
import { PLANTED } from '../../../lab/simulator/planted';
import { record, recordedPlan } from '../../../lab/simulator/recorded';
import { answering } from '../../support/database-server';
import { describeServers } from '../../support/engines';
import { ROUNDS, SEED } from '../../support/rounds';

const EACH = 2 * ROUNDS;

/** The next seeds of a subject. */
function seedsOf(subject: Subject, from: number): number[] {
  const seeds: number[] = [];
  for (let seed = from; seeds.length < EACH; seed++) if (planOf(seed).subject === subject) seeds.push(seed);
  return seeds;
}

describeServers('histories at a real server', (engine) => {
  const server = `mysql://root@localhost/mysql?socketPath=${encodeURIComponent(engine.socketPath)}`;
  beforeAll(() => answering(engine.socketPath));

  test(`are right, though processes and connections end (SEED=${SEED})`, async () => {
    const seeds = [...seedsOf('stock', SEED), ...seedsOf('sessions', SEED)];
    const outcomes = await Promise.all(seeds.map((seed) => record(recordedPlan(seed), server)));
    expect(seeds.map((seed, place) => ({ seed, wrong: outcomes[place]?.wrong }))).toEqual(
      seeds.map((seed) => ({ seed, wrong: [] })),
    );
    for (const { calls } of outcomes) expect(calls).toBeGreaterThan(0);
  });

  test('show a planted bug', async () => {
    const wiring = PLANTED.find(({ name }) => name === 'lost line')?.wiring;
    const seeds = seedsOf('stock', 0);
    const outcomes = await Promise.all(seeds.map((seed) => record(recordedPlan(seed), server, wiring)));
    expect(outcomes.flatMap(({ wrong }) => wrong).join()).toContain('is not what its rows say');
  });
});

import { planOf, type Subject } from '../../../lab/simulator/plan';
import { PLANTED } from '../../../lab/simulator/planted';
import { record, recordedPlan } from '../../../lab/simulator/recorded';
import type { RecordedServers } from '../../../lab/simulator/recorded-schema';
import { answering } from '../../support/database-server';
import { describeServers } from '../../support/engines';
import { hasMariaDb } from '../../support/mariadb';
import { startReplicated } from '../../support/replicas';
import { ROUNDS, SEED } from '../../support/rounds';

const EACH = 2 * ROUNDS;
const SUBJECTS: readonly Subject[] = ['stock', 'sessions', 'photos', 'shards'];

/** The next seeds of a subject, of shops with a replica if there are some. */
function seedsOf(subject: Subject, from: number, servers?: RecordedServers): number[] {
  const seeds: number[] = [];
  for (let seed = from; seeds.length < EACH; seed++)
    if (planOf(seed).subject === subject && (!servers || recordedPlan(seed, servers).shape.replicas > 0))
      seeds.push(seed);
  return seeds;
}

async function expectRight(seeds: readonly number[], servers: RecordedServers): Promise<void> {
  const outcomes = await Promise.all(seeds.map((seed) => record(recordedPlan(seed, servers), servers)));
  // With all calls, since no later run has the same ones.
  const wrong = outcomes.filter((outcome) => outcome.wrong.length > 0);
  expect(wrong.map(({ text, ...rest }) => `${rest.wrong.join('\n')}\n\n${text}`)).toEqual([]);
  for (const { calls } of outcomes) expect(calls).toBeGreaterThan(0);
}

describeServers('histories at a real server', (engine) => {
  const primary = `mysql://root@localhost/mysql?socketPath=${encodeURIComponent(engine.socketPath)}`;
  beforeAll(() => answering(engine.socketPath));

  test(`are right, though processes and connections end (SEED=${SEED})`, async () => {
    await expectRight(
      SUBJECTS.flatMap((subject) => seedsOf(subject, SEED)),
      { primary },
    );
  }, 180_000);

  test.each([
    ['lost line', 'is not what its rows say'],
    ['no picture', 'the product shows other photos'],
    ['left rows', 'is on a shard that the map does not name'],
  ])(
    'show the planted bug "%s"',
    async (name, words) => {
      const bug = PLANTED.find((one) => one.name === name);
      if (!bug) throw new Error(`There is no bug ${name}`);
      const outcomes = seedsOf(bug.subject, 0).map((seed) =>
        record(recordedPlan(seed), { primary }, bug.wiring),
      );
      expect((await Promise.all(outcomes)).flatMap(({ wrong }) => wrong).join()).toContain(words);
    },
    180_000,
  );
});

(hasMariaDb() ? describe : describe.skip)('histories at a real server with replicas', () => {
  let started: Awaited<ReturnType<typeof startReplicated>>;
  let servers: RecordedServers;
  beforeAll(async () => {
    started = await startReplicated(2);
    const at = (server: (typeof started)['primary']) => started.url(server, 'mysql');
    servers = { primary: at(started.primary), replicas: started.replicas.map(at) };
  }, 120_000);
  afterAll(() => started?.stop());

  test(`are right, though a replica stands still for a while, again and again (SEED=${SEED})`, async () => {
    let isOver = false;
    const standing = (async () => {
      const [replica] = started.replicas;
      while (!isOver) {
        await replica?.follow();
        await new Promise((resolve) => setTimeout(resolve, 500));
        await replica?.hold();
        await new Promise((resolve) => setTimeout(resolve, 1500));
      }
      await replica?.follow();
    })();
    const ended = (['stock', 'sessions'] as const).map((subject) =>
      expectRight(seedsOf(subject, SEED, servers), servers),
    );
    await Promise.allSettled(ended);
    isOver = true;
    await standing;
    await Promise.all(ended);
  }, 180_000);
});

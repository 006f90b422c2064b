import { faultNamed } from '../../lab/faults/faults';
import { runFault } from '../../lab/faults/run-fault';
import { type Phase, phases } from '../../lib/phases';
import { serversOf } from '../local/phase-servers';

/** Row N2: a whole zone is gone at once, in the midst of a load. */
const withZones = phases.filter(({ tiers, number }) => tiers !== 'none' && serversOf(number));
/** The first and the last: with one process for both services, and with two. */
const tried = withZones.filter((phase) => phase === withZones[0] || phase === withZones.at(-1));

(tried.length > 0 ? describe.each(tried) : describe.skip.each([{} as Phase]))(
  'phase $number under load',
  (phase) => {
    test('N2: a zone is killed: others answer, and no acknowledged write is lost or doubled', async () => {
      const fault = faultNamed('kill-zone');
      if (!fault) throw new Error('There is a fault that kills a zone');
      const { words, failures, timeline, events, wrongRows } = await runFault({
        ...{ phase, fault, products: 300, seed: 1 },
        say: () => undefined,
      });
      console.info(`Phase ${phase.number}, a zone was killed: ${words}`);
      expect(wrongRows).toEqual([]);
      expect(Object.keys(failures).filter((error) => /^(wrong|4\d\d)/.test(error))).toEqual([]);
      const [at = 0] = events.map(({ x }) => x);
      // Nobody waits until the zone is back: afterwards each second has right answers.
      const after = timeline.filter(({ second }) => second >= at + fault.seconds);
      expect(after.length).toBeGreaterThan(5);
      expect(after.slice(0, -1).filter(({ right }) => right === 0)).toEqual([]);
      // Most of those that came in the second of the fault and the one after it were answered.
      const all = timeline.reduce((sum, { right, failed }) => sum + right + failed, 0);
      const failed = timeline.reduce((sum, bucket) => sum + bucket.failed, 0);
      expect(failed / all).toBeLessThan(0.1);
    }, 240_000);
  },
);

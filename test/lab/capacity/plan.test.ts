import fc from 'fast-check';
import { loadOf } from '../../../lab/capacity/load';
import { type Plan, planFor } from '../../../lab/capacity/plan';
import { planJson } from '../../../lab/capacity/plan-json';
import { planText } from '../../../lab/capacity/text';
import { planningRun, type Run } from '../../../lab/report/run';
import { phases } from '../../../lib/phases';
import { totalOf } from '../../../review/cost/bill';
import { synthesized } from '../../phases/synthesized';

const run = planningRun();
const plan = (input: Parameters<typeof planFor>[0], of: Run = run): Plan =>
  planFor(input, of, ({ number }) => synthesized(number).templates);
const users = fc.integer({ min: 1, max: 50_000_000 });
const checked = (property: fc.IRawProperty<unknown>) => fc.assert(property, { numRuns: 60 });

test("ten million users are the exercise's numbers", () => {
  const load = loadOf({ users: 10_000_000 });
  expect(load.reads).toBe(100e9);
  expect(load.writes).toBe(1e9);
  expect(load.averageReads).toBe(40_000);
  expect(load.averageWrites).toBe(400);
  expect(load.content).toBe(1_000);
  expect(load.content * load.months).toBe(36_000);
});

test('reads, writes, a ratio and users say the same', () => {
  const asUsers = loadOf({ users: 10_000_000 });
  for (const input of [
    { reads: 100e9 },
    { writes: 1e9 },
    { reads: 100e9, writes: 1e9 },
    { writes: 1e9, ratio: 100 },
  ])
    expect(loadOf(input)).toEqual(asUsers);
  expect(loadOf({ reads: 100e9, ratio: 10 }).writes).toBe(10e9);
});

test('more users never need less', () => {
  checked(
    fc.property(users, users, (one, other) => {
      const [few, many] = [plan({ users: Math.min(one, other) }), plan({ users: Math.max(one, other) })];
      expect(many.rung.phase.number).toBeGreaterThanOrEqual(few.rung.phase.number);
      expect(many.load.peak).toBeGreaterThanOrEqual(few.load.peak);
      expect(many.load.content).toBeGreaterThanOrEqual(few.load.content);
      expect(many.database.shards).toBeGreaterThanOrEqual(few.database.shards);
      if (many.rung.phase === few.rung.phase) {
        expect(totalOf(many.totals)).toBeGreaterThanOrEqual(totalOf(few.totals) - 1e-6);
        expect(many.database.writer.peak).toBeGreaterThanOrEqual(few.database.writer.peak);
        many.groups.forEach(({ peak, average }, at) => {
          expect(peak).toBeGreaterThanOrEqual(few.groups[at]?.peak ?? 0);
          expect(average).toBeGreaterThanOrEqual(few.groups[at]?.average ?? 0);
        });
      }
    }),
  );
});

test("each phase's limit is where the next begins, for any mix of requests", () => {
  checked(
    fc.property(fc.integer({ min: 1, max: 1000 }), users, (ratio, count) => {
      const { ladder } = plan({ users: count, ratio });
      expect(ladder.map(({ phase }) => phase.number)).toEqual(phases.map(({ number }) => number));
      ladder.forEach((rung, at) => {
        expect(rung.from).toBe(at === 0 ? 0 : ladder[at - 1]?.to);
      });
    }),
  );
});

test('a user less than the limit stays, and the one at the limit goes on', () => {
  for (const { phase, from, to } of plan({ users: 1 }).ladder.filter((one) => one.to > one.from)) {
    expect(plan({ users: Math.max(1, from) }).rung.phase.number).toBe(phase.number);
    if (!Number.isFinite(to)) continue;
    expect(plan({ users: to - 1 }).rung.phase.number).toBe(phase.number);
    expect(plan({ users: to }).rung.phase.number).toBe(phase.number + 1);
  }
});

test('the fleet of a phase bears every load within its limits', () => {
  for (const { to } of plan({ users: 1 }).ladder.filter(
    (one) => Number.isFinite(one.to) && one.to > one.from,
  )) {
    const { groups, rung, database } = plan({ users: to - 1 });
    for (const { peak, maximum, name } of groups) expect([name, peak <= maximum]).toEqual([name, true]);
    if (rung.phase.database.placement === 'aurora')
      expect(database.writer.peak).toBeLessThanOrEqual(rung.phase.database.capacity.max);
  }
});

test('a phase that the lab did not prove, or did not measure, is shown as unproven', () => {
  const unproven: Run = {
    ...run,
    phases: run.phases.map((row) => ({ ...row, prediction: { ...row.prediction, proven: false } })),
  };
  const text = planText(plan({ users: 20_000 }, unproven));
  expect(text).toMatch(/^Hosts, unproven/m);
  expect(text).toContain("Unproven: the lab's row of phase 3 is unproven.");
  const unmeasured: Run = { ...run, phases: run.phases.filter(({ phase }) => phase === 1) };
  expect(planText(plan({ users: 20_000 }, unmeasured))).toContain(
    'phase 3 was not measured: demands of phase 1',
  );
});

test('a plan fits on 80 columns for any shop', () => {
  checked(
    fc.property(
      users,
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1, max: 120 }),
      (count, ratio, months) => {
        const lines = planText(plan({ users: count, ratio, months })).split('\n');
        expect(lines.filter((line) => line.length > 80)).toEqual([]);
      },
    ),
  );
});

test('the plan says that the way in costs more than the servers, and what changes that', () => {
  const text = planText(plan({ users: 10_000_000 }));
  expect(text).toMatch(/The way in \(CDN, firewall, logs\) costs [\d,]+, [\d.]+ times the servers'/);
  for (const change of ['a negotiated price', 'fewer requests', 'another entrance'])
    expect(text).toContain(change);
});

test('logs cost by the share of reads that a phase logs, and only a phase that logs all is told to log fewer', () => {
  const [everyRead, sampled] = [plan({ users: 400_000 }), plan({ users: 1_000_000 })];
  const logsOf = ({ bill }: Plan) => bill.find(({ price }) => price === 'logs ingested')?.units ?? 0;
  expect([everyRead, sampled].map(({ rung }) => rung.phase.loggedReadsPercent)).toEqual([100, 1]);
  expect(logsOf(sampled)).toBeLessThan(logsOf(everyRead) / 10);
  const advice = 'log one of a hundred requests';
  expect([everyRead, sampled].map((one) => planText(one).includes(advice))).toEqual([true, false]);
});

test('the next bottleneck is the first resource that the load uses up', () => {
  const { rung } = plan({ users: 300_000 });
  expect(planText(plan({ users: 300_000 }))).toContain(`Next bottleneck: ${rung.first}`);
});

test('JSON has the figures of the text', () => {
  const made = plan({ users: 300_000 });
  const json = JSON.parse(planJson(made));
  expect(json.phase).toBe(made.rung.phase.number);
  expect(json.totals).toEqual(made.totals);
  expect(json.bill.every(({ checked: verdict }: { checked: unknown }) => typeof verdict === 'boolean')).toBe(
    true,
  );
});

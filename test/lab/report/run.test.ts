import { keptRun, type Run, withEarlier } from '../../../lab/report/run';
import { phaseTable } from '../../../lab/report/tables';

const kept = keptRun();
const earlier: Run = {
  ...kept,
  date: '2026-11-26T10:00:00.000Z',
  phases: kept.phases.slice(0, 4).map(({ date: _, ...phase }) => phase),
};

test('a run of some phases keeps the figures of the others, with the day that they are of', () => {
  const run: Run = {
    ...earlier,
    date: '2026-12-24T10:00:00.000Z',
    phases: earlier.phases.slice(-1).map((phase) => ({ ...phase, pace: 1 })),
  };
  const both = withEarlier(run, earlier);
  expect(both.phases.map(({ phase, pace, date }) => [phase, pace, date])).toEqual(
    earlier.phases.map(({ phase, pace }) => (phase === 4 ? [4, 1, undefined] : [phase, pace, earlier.date])),
  );
  expect(phaseTable(both)).toContain('\nRuns of 2026-11-26 (phases 1, 2, 3) and 2026-12-24 (phases 4) on ');
  expect(phaseTable(earlier)).toContain('\nRun of 2026-11-26 on ');
});

import type { Demand } from '../../../lab/measure/demand';
import { keptRun, type Run } from '../../../lab/report/run';
import { summary } from '../../../lab/report/text';

const kept: Run = { ...keptRun(), phases: keptRun().phases.slice(0, 4) };

/** With the components of a phase that has many. */
function wide(run: Run): Run {
  const names = ['balancers', 'dynamodb', 'photo-worker', 'users-mover', 'usersRead', 'usersWrite', 'sqs'];
  const more = (demand: Demand): Demand => ({
    ...demand,
    us: {
      ...demand.us,
      ...Object.fromEntries(names.map((name) => [name, { mean: 2906, low: 2900, high: 2910, n: 3 }])),
    },
  });
  return {
    ...run,
    phases: run.phases.map((phase) => ({
      ...phase,
      demand: {
        scenario: more(phase.demand.scenario),
        actions: Object.fromEntries(
          Object.entries(phase.demand.actions).map(([name, demand]) => [name, more(demand)]),
        ),
      },
    })),
  };
}

test('a summary fits into 80 columns, however many components a phase has', () => {
  for (const run of [kept, wide(kept)])
    expect(
      summary(run)
        .split('\n')
        .filter((line) => line.length > 80),
    ).toEqual([]);
});

test('a summary has a row for each component that took part, and none for the others', () => {
  const lines = summary(wide(kept)).split('\n');
  const cells = (start: string) => lines.find((line) => line.startsWith(start))?.split(/ {2,}/);
  expect(cells('CPU µs a request')).toEqual(['CPU µs a request', 'browse', 'product', 'forged cookie']);
  expect(cells('photo-worker')).toEqual(['photo-worker', ...Array(3).fill('2906')]);
  expect(summary(kept)).not.toMatch(/^photo-worker/m);
});

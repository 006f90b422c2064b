import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import {
  chartOf,
  chartPath,
  flames,
  flamesPath,
  openingPhase,
  pages,
  withFigures,
} from '../../guide/figures';
import { keptRun } from '../../lab/report/run';

const run = keptRun();
const STALE = 'stale: run `npm run pictures`, look at it, and commit it';

describe.each(pages())('chapter $number', ({ number, path }) => {
  const page = readFileSync(path, 'utf8');

  test('quotes the kept run', () => {
    expect(page).toContain(`<!-- lab: phase ${openingPhase(number)} -->`);
    expect(page === withFigures(page, run) ? 'up to date' : STALE).toBe('up to date');
  });

  test('shows a chart of the kept run', () => {
    expect(page).toContain(`](charts/${number}-limits.svg)`);
    const chart = existsSync(chartPath(number)) ? readFileSync(chartPath(number), 'utf8') : '';
    expect(chart === chartOf(number, run) ? 'up to date' : STALE).toBe('up to date');
  });

  test('shows the flame graph of the phase that it begins with', () => {
    expect(page).toContain(`](charts/${basename(flamesPath(openingPhase(number)))})`);
  });
});

test.each([...flames(run)])('the flame graph %s is that of the kept run', (path, svg) => {
  const drawn = existsSync(path) ? readFileSync(path, 'utf8') : '';
  expect(drawn === svg ? 'up to date' : STALE).toBe('up to date');
});

test('there is no chart without a chapter', () => {
  const shown = [...pages().map(({ number }) => chartPath(number)), ...flames(run).keys()];
  expect(readdirSync(dirname(chartPath(1))).sort()).toEqual(shown.map((path) => basename(path)).sort());
});

const block = (what: string) => `<!-- lab: ${what} -->\nold\n<!-- lab: end -->`;

test('a phase is named with what it uses up first, and a step with what it relieved', () => {
  const words = (what: string) => withFigures(block(what), run).replaceAll('\n', ' ');
  expect(words('phase 1')).toMatch(
    /In phase 1 .+ saturates first.+ µs of app.+ \(the kept run, \d{4}-\d\d-\d\d\)/,
  );
  expect(words('step to 3')).toMatch(/By the kept run: .+the fleet serves [\d.]+ times/);
});

test('a phase that was not measured is said to be missing', () => {
  const until4 = { ...run, phases: run.phases.filter(({ phase }) => phase <= 4) };
  expect(withFigures(block('phase 5'), until4)).toContain('The kept run has no phase 5.');
  expect(withFigures(block('step to 6'), until4)).toContain('The kept run has no phase 6.');
});

test('a chart shows the phase and the one before, or the newest that were measured', () => {
  const shown = (chapter: number) =>
    [
      ...chartOf(chapter, { ...run, phases: run.phases.filter(({ phase }) => phase <= 4) }).matchAll(
        />Phase (\d)/g,
      ),
    ].map(([, phase]) => Number(phase));
  expect([1, 2, 4, 6].map(shown)).toEqual([[1], [1, 2], [3, 4], [3, 4]]);
});

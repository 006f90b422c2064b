import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { relieved } from '../lab/analysis/bottleneck';
import { meansOf } from '../lab/measure/demand';
import type { Run } from '../lab/report/run';
import { wrapped } from '../lab/report/text';
import { ROOT } from '../lib/root';
import { limitsChart } from './chart';
import { flamesChart } from './flames';

const WIDTH = 120;
const GUIDE = join(ROOT, 'docs', 'guide');

/** `<!-- lab: phase 2 -->` or `<!-- lab: step to 3 -->`, the text, `<!-- lab: end -->`. */
const MARK = /(<!-- lab: (phase|step to) (\d) -->\n)[\s\S]*?(<!-- lab: end -->)/g;

/** The chapter of that number, with the sentences that it quotes from a run of the lab. */
export function withFigures(page: string, run: Run): string {
  return page.replace(MARK, (_, begin: string, kind: string, digit: string, end: string) => {
    const number = Number(digit);
    const words = kind === 'phase' ? phaseWords(number, run) : stepWords(number, run);
    return `${begin}${wrapped(words, WIDTH).join('\n')}\n${end}`;
  });
}

/** The chart of a chapter: its phase and the one before, as far as the run has them; else the newest that it has. */
export function chartOf(chapter: number, run: Run): string {
  const shown = run.phases.filter(({ phase }) => phase <= chapter).slice(-2);
  return limitsChart(shown, [...new Set(shown.map((each) => dayOf(each, run)))].join(' and '));
}

const measured = (number: number, { phases }: Run) => phases.find(({ phase }) => phase === number);

const dayOf = (phase: Run['phases'][number], { date }: Run): string => (phase.date ?? date).slice(0, 10);

function phaseWords(number: number, run: Run): string {
  const result = measured(number, run);
  if (!result) return missing(number);
  const { generator: _, ...servers } = meansOf(result.demand.scenario);
  const parts = Object.entries(servers)
    .filter(([, us]) => us >= 1)
    .sort(([, one], [, other]) => other - one)
    .map(([name, us]) => `${Math.round(us)} µs of ${name}`);
  return `${result.bottleneck} A request of the scenario \`${result.scenario}\` takes ${list.format(parts)} (the kept run, ${dayOf(result, run)}).${result.prediction.proven ? '' : ' It is unproven: do not plan with it.'}`;
}

function stepWords(number: number, run: Run): string {
  const [before, after] = [measured(number - 1, run), measured(number, run)];
  if (!after) return missing(number);
  const relief = before && relieved(before.limits, after.limits);
  return relief ? `By the kept run: ${relief}` : phaseWords(number, run);
}

const missing = (number: number): string => `The kept run has no phase ${number}.`;

const list = new Intl.ListFormat('en-GB');

interface Page {
  readonly number: number;
  readonly path: string;
}

/** The chapters that there are, in their order. */
export const pages = (): readonly Page[] =>
  readdirSync(GUIDE)
    .filter((name) => /^\d-.*\.md$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name[0]), path: join(GUIDE, name) }));

const CHARTS = join(GUIDE, 'charts');

export const chartPath = (chapter: number): string => join(CHARTS, `${chapter}-limits.svg`);

/** The phase that a chapter begins with, whose load it asks about. */
export const openingPhase = (chapter: number): number => Math.max(1, chapter - 1);

/** The flame graphs of the phases that chapters begin with, as far as the run has them, by path. */
export function flames(run: Run): ReadonlyMap<string, string> {
  const shown = run.phases.filter(({ phase }) =>
    pages().some(({ number }) => openingPhase(number) === phase),
  );
  return new Map(shown.map((each) => [flamesPath(each.phase), flamesChart(each, dayOf(each, run))]));
}

export const flamesPath = (phase: number): string => join(CHARTS, `phase-${phase}-flames.svg`);

/** Writes the charts of all chapters and the sentences that they quote. Returns the files. */
export function updateGuide(run: Run): readonly string[] {
  const drawn = flames(run);
  for (const [path, svg] of drawn) writeFileSync(path, svg);
  const written = pages().flatMap(({ number, path }) => {
    writeFileSync(chartPath(number), chartOf(number, run));
    writeFileSync(path, withFigures(readFileSync(path, 'utf8'), run));
    return [chartPath(number), path];
  });
  return [...drawn.keys(), ...written];
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../lib/root';
import { rounded } from '../analysis/bottleneck';
import { meansOf } from '../measure/demand';
import type { Run } from './run';

/** The table of a run that documents quote, in Markdown: one row a phase. */
export function phaseTable({ date, machine, effort, phases }: Run): string {
  const rows = phases.map(({ phase, demand, prediction, evidence, limits }) => {
    const { generator: _, ...servers } = meansOf(demand.scenario);
    const parts = Object.entries(servers)
      .filter(([, us]) => us >= 1)
      .sort(([, one], [, other]) => other - one)
      .map(([name, us]) => `${name} ${Math.round(us)}`);
    const [first, second] = limits;
    const measured =
      prediction.proven && prediction.measured !== undefined ? rounded(prediction.measured) : 'unproven';
    return [
      ...[String(phase), parts.join(', '), evidence.statementsPerRequest.toFixed(2)],
      ...[rounded(prediction.predicted), measured, limitOf(first), limitOf(second)],
    ];
  });
  return [
    row([
      'phase',
      'CPU µs a request',
      'statements',
      'predicted/s',
      'measured/s',
      'fleet: first to saturate',
      'next',
    ]),
    row(Array(7).fill('---')),
    ...rows.map(row),
    '',
    `${daysOf({ date, phases })} on ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, MariaDB ${machine.mariadb}, nginx ${machine.nginx}; scenario \`${phases[0]?.scenario}\`, ${phases[0]?.products.toLocaleString('en')} products.${effort === 'quick' ? ' A quick run: preliminary.' : ''}`,
  ].join('\n');
}

/** "Run of 2026-11-27", or with the phases of each run. */
function daysOf({ date, phases }: Pick<Run, 'date' | 'phases'>): string {
  const dayOf = (phase: { readonly date?: string }) => (phase.date ?? date).slice(0, 10);
  const days = [...new Set(phases.map(dayOf))].sort();
  if (days.length === 1) return `Run of ${days[0]}`;
  const numbers = (day: string) => phases.filter((phase) => dayOf(phase) === day).map(({ phase }) => phase);
  return `Runs of ${days.map((day) => `${day} (phases ${numbers(day).join(', ')})`).join(' and ')}`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const limitOf = (limit: { readonly name: string; readonly rate: number } | undefined): string =>
  limit ? `${limit.name.replace(/^the /, '')}, ${rounded(limit.rate)}/s` : '–';

const MARK = /(<!-- lab: the newest run -->\n)[\s\S]*?(<!-- lab: end -->)/;

/** Puts the table of a run into its place in a document. @throws Error if it has no such place */
export function withTable(document: string, run: Run): string {
  if (!MARK.test(document))
    throw new Error('The document has no place for a run: <!-- lab: the newest run -->');
  return document.replace(MARK, (_, begin: string, end: string) => `${begin}${phaseTable(run)}\n${end}`);
}

/** The documents that quote the newest run. */
export const DOCUMENTS = ['lab.md'].map((name) => join(ROOT, 'docs', name));

export function updateDocuments(run: Run): void {
  for (const path of DOCUMENTS) writeFileSync(path, withTable(readFileSync(path, 'utf8'), run));
}

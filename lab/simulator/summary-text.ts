import type { Summary } from './simulate';

/** A table of at most 80 columns: histories, operations and faults by kind. */
export function summaryText(summary: Summary, seconds: number): string {
  const { histories, operations, faults, calls, undecided, failures, cpuMs } = summary;
  const count = total(histories);
  return [
    ...rows('histories', histories),
    ...rows('operations', operations),
    ...rows('faults', faults),
    '',
    `${number(count)} histories with ${number(calls)} calls in ${number(seconds)} s of time and ${number(cpuMs / 1000)} s of CPU:`,
    `${number(count / (cpuMs / 1000))} histories a CPU second. Too long to judge: ${number(undecided)}.`,
    failures.length === 0
      ? 'Every history is right.'
      : `WRONG: ${number(failures.length)} histories, of the seeds ${failures
          .slice(0, 8)
          .map(({ seed }) => seed)
          .join(', ')}${failures.length > 8 ? ', …' : ''}`,
  ].join('\n');
}

function rows(title: string, counts: Readonly<Partial<Record<string, number>>>): string[] {
  const words = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `${title.padEnd(30)}${number(total(counts)).padStart(12)}`,
    ...words.map(([word, times = 0]) => `  ${word.padEnd(28)}${number(times).padStart(12)}`),
  ];
}

const total = (counts: Readonly<Partial<Record<string, number>>>): number =>
  Object.values(counts).reduce<number>((sum, times = 0) => sum + times, 0);

const number = (value: number): string => Math.round(value).toLocaleString('en');

import { relieved, rounded } from '../analysis/bottleneck';
import { CORE_FACTOR } from '../analysis/fleet';
import { total } from '../analysis/utilization';
import type { FaultResult } from '../faults/run-fault';
import { type Demand, meansOf } from '../measure/demand';
import type { PhaseResult } from '../run-phase';
import type { Run } from './run';

const WIDTH = 80;

/** The summary on the terminal at the end of a run, of at most 80 columns. */
export function summary({ date, machine, phases, faults = [] }: Run): string {
  return [
    `The lab, ${date.slice(0, 16).replace('T', ' ')} UTC`,
    ...wrapped(
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB, Linux ${machine.kernel}, Node ${machine.node}, MariaDB ${machine.mariadb}, nginx ${machine.nginx}`,
    ),
    ...phases.flatMap((phase, at) => ['', ...phaseLines(phase, phases[at - 1])]),
    ...faults.flatMap((fault) => ['', ...faultLines(fault)]),
    '',
  ].join('\n');
}

function phaseLines(result: PhaseResult, before: PhaseResult | undefined): string[] {
  const { phase, title, scenario, products, demand, evidence, saturation, prediction } = result;
  const wrong = [...Object.keys(result.wrongAnswers), ...result.wrongRows];
  const relief = before && relieved(before.limits, result.limits);
  return [
    `Phase ${phase}: ${title}. Scenario ${scenario}, ${products.toLocaleString('en')} products`,
    ...wrapped(result.bottleneck),
    ...(relief ? wrapped(relief) : []),
    '',
    ...demandTables({ [scenario]: demand.scenario, ...demand.actions }),
    '',
    ...wrapped(prediction.words),
    ...wrapped(measuredWords(saturation.interval, prediction)),
    ...(result.pinned ? wrapped(`${result.pinned.words} ${verdictOf(result.pinned)}`) : []),
    ...wrapped(
      `Other programs used ${result.others.toFixed(1)} cores of this machine; a fixed computation took ${Math.round(result.pace)} µs.`,
    ),
    '',
    `Observed at ${rounded(evidence.rate)} requests/s:`,
    ...Object.entries(evidence.apps).map(
      ([name, { eventLoopDelay, poolWait }], _, all) =>
        `  ${name.padEnd(Math.max(...all.map(([each]) => each.length)) + 1)}event loop p99 ${ms(eventLoopDelay.p99)}, pool wait mean ${ms(poolWait.mean)}, most ${ms(poolWait.most)}`,
    ),
    ...wrapped(
      `  a request: ${evidence.statementsPerRequest.toFixed(2)} statements, ${evidence.rowsPerRequest.toFixed(1)} rows examined, ${evidence.flushesPerRequest.toFixed(3)} flushes, ${evidence.lockWaitMsPerRequest.toFixed(3)} ms lock wait; hits: buffer pool ${percent(evidence.hitRates.bufferPool)}${evidence.hitRates.proxy === undefined ? '' : `, nginx ${percent(evidence.hitRates.proxy)}`}${evidence.hitRates.cache === undefined ? '' : `, shared cache ${percent(evidence.hitRates.cache)}`}`,
    ),
    ...wrapped(
      wrong.length === 0
        ? 'Every answer was right, and each acknowledged write exists exactly once.'
        : `WRONG: ${wrong.join('; ')}`,
    ),
  ];
}

const faultLines = ({ phase, fault, about, words, wrongRows }: FaultResult): string[] => [
  `Phase ${phase}, ${fault}`,
  ...wrapped(about),
  ...wrapped(words),
  ...wrapped(
    wrongRows.length === 0
      ? 'Each acknowledged write exists exactly once.'
      : `WRONG: ${wrongRows.join('; ')}`,
  ),
];

function measuredWords(
  interval: PhaseResult['saturation']['interval'],
  prediction: PhaseResult['prediction'],
): string {
  if (!interval) return 'Measured: the servers kept up with no rate. The row is unproven.';
  const range =
    interval.n > 1
      ? ` (95 %: ${rounded(Math.max(1, interval.low))} to ${rounded(Math.max(1, interval.high))}, n=${interval.n})`
      : ' (once)';
  return `Measured: ${rounded(interval.mean)} requests/s${range}. ${verdictOf(prediction)}`;
}

function verdictOf({
  error,
  measured,
  proven,
}: Pick<PhaseResult['prediction'], 'error' | 'measured' | 'proven'>): string {
  if (measured === undefined || error === undefined) return 'Nothing was measured: unproven.';
  const difference = `Measured ${rounded(measured)}, ${Math.round(error * 100)} % off the prediction`;
  return proven ? `${difference}: proven.` : `${difference}: UNPROVEN, do not plan with it.`;
}

/** Tables of as many kinds of requests as have room beside each other. */
function demandTables(demands: Readonly<Record<string, Demand>>): string[] {
  const kinds = Object.entries(demands);
  const starts = kinds.map((_, at) => at).filter((at) => at % COLUMNS === 0);
  return starts.flatMap((at) => [
    ...(at > 0 ? [''] : []),
    ...demandTable(Object.fromEntries(kinds.slice(at, at + COLUMNS))),
  ]);
}

/** CPU microseconds a request: a row for each component that took part, a column for each kind of request. */
function demandTable(demands: Readonly<Record<string, Demand>>): string[] {
  const means = Object.values(demands).map(meansOf);
  const names = [...new Set(means.flatMap((each) => Object.keys(each)))].filter(
    (name) => name !== 's3' && means.some((each) => Math.round(each[name] ?? 0) > 0),
  );
  const row = (name: string, cells: readonly string[]) =>
    `${name.padEnd(17)}${cells.map((cell) => ` ${cell.slice(0, COLUMN - 1)}`.padStart(COLUMN)).join('')}`;
  const cpu = (each: Readonly<Record<string, number>>, name: string) => String(Math.round(each[name] ?? 0));
  return [
    row('CPU µs a request', Object.keys(demands)),
    ...names.map((name) =>
      row(
        name,
        means.map((each) => cpu(each, name)),
      ),
    ),
    row(
      'sum',
      means.map((each) => String(Math.round(total(each)))),
    ),
  ];
}

/** Of 80 characters, beside the names of components. */
const [COLUMNS, COLUMN] = [3, 18];

export const factorWords = `A core of the fleet counts as ${CORE_FACTOR.likely} of a core of this machine (${CORE_FACTOR.low} to ${CORE_FACTOR.high}): nothing was measured on Graviton.`;

const ms = (value: number) => `${value.toFixed(1)} ms`;
const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

/** Breaks lines at spaces; further lines are indented like the first. */
export function wrapped(text: string, width = WIDTH): string[] {
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(' ')) {
    const longer = line === '' ? indent + word : `${line} ${word}`;
    if (longer.length > width && line !== '') {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line];
}

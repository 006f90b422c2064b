import { relieved, rounded } from '../analysis/bottleneck';
import { meansOf } from '../measure/demand';
import { LIMIT, type RampStep } from '../measure/ramp';
import { escaped, flameGraph } from '../profile/flame-graph';
import type { PhaseResult } from '../run-phase';
import { COMPONENTS } from '../servers/components';
import { lineChart, short, stackedBars } from './charts';
import { frame } from './frame';
import type { Run } from './run';
import { factorWords } from './text';
import { faultSection, timelineCharts } from './timeline-section';

/** The report as one file. */
export function page(run: Run): string {
  const { date, machine, method, phases, faults = [] } = run;
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGib} GiB; Linux ${machine.kernel}, Node ${machine.node}, MariaDB ${machine.mariadb}, nginx ${machine.nginx}`;
  const comparable = [...phases.map(({ pace }) => pace)].sort((one, other) => one - other);
  const [fastest = 1, slowest = 1] = [comparable[0], comparable.at(-1)];
  return frame(
    `The lab, ${date.slice(0, 10)}`,
    `<p class="soft">${date.slice(0, 16).replace('T', ' ')} UTC. ${escaped(where)}.</p>
<p class="soft">${escaped(method)} ${escaped(factorWords)}</p>
${slowest > fastest * 1.15 ? `<p class="bad">The phases were measured at different paces (a fixed computation took ${short(fastest)} to ${short(slowest)} µs): do not compare their demands.</p>` : ''}
${phases.length > 1 ? overview(phases) : ''}
${phases.map((phase, at) => section(phase, phases[at - 1])).join('\n')}
${faults.map(faultSection).join('\n')}`,
  );
}

const PARTS = [...COMPONENTS, 'generator'];

function overview(phases: readonly PhaseResult[]): string {
  const parts = partsOf(phases.map(({ demand }) => meansOf(demand.scenario)));
  return figure(
    'CPU microseconds of one request of the scenario, by component',
    stackedBars(
      'Demand by phase',
      'µs',
      parts,
      phases.map(({ phase, demand }) => ({ name: `Phase ${phase}`, parts: meansOf(demand.scenario) })),
    ),
  );
}

function section(result: PhaseResult, before: PhaseResult | undefined): string {
  const { phase, title, scenario, products, demand, evidence, saturation, prediction, pinned } = result;
  const demands = { [scenario]: demand.scenario, ...demand.actions };
  const parts = partsOf(Object.values(demands).map(meansOf));
  const relief = before && relieved(before.limits, result.limits);
  return `<section><h2>Phase ${phase}: ${escaped(title)}</h2>
<p class="lead">${escaped(result.bottleneck)}</p>
${relief ? `<p>${escaped(relief)}</p>` : ''}
<p>${escaped(prediction.words)}. ${prediction.measured === undefined ? 'The servers kept up with no rate.' : `Measured: ${rounded(prediction.measured)} requests/s.`} ${verdict(prediction.proven)}
${pinned ? `${escaped(pinned.words)} ${pinned.measured === undefined ? '' : `Measured: ${rounded(pinned.measured)}.`} ${verdict(pinned.proven)}` : ''}</p>
<p class="soft">Scenario ${escaped(scenario)} on ${short(products)} products. Other programs on this machine used ${result.others.toFixed(1)} cores meanwhile.</p>
${wrongs(result)}
<div class="two">
${figure('Latency by rate', latencyChart(saturation.steps))}
${figure(
  'CPU microseconds a request, by component',
  stackedBars(
    'Demand by kind of request',
    'µs',
    parts,
    Object.entries(demands).map(([name, one]) => ({ name, parts: meansOf(one) })),
  ),
)}
${figure(
  'Requests a second that saturate each resource of the fleet',
  stackedBars(
    'Limits of the fleet',
    'requests/s',
    ['requests/s'],
    result.limits.map(({ name, rate }) => ({
      name: name.replace(/^the /, ''),
      parts: { 'requests/s': rate },
    })),
  ),
)}
${figure(
  'Used share of a core, by component',
  stackedBars(
    'Utilization',
    'cores',
    ['cores'],
    Object.entries(evidence.utilization).map(([name, cores]) => ({ name, parts: { cores: cores ?? 0 } })),
  ),
)}
</div>
${result.wave.length > 0 ? `<h3>${escaped(scenario)} at its varying rate</h3>${timelineCharts(result.wave)}` : ''}
${evidenceTable(result)}
${figure(`CPU profile of ${evidence.profile.process}, the busiest process of the app: ours, packages, Node`, `<div class="scroll">${flameGraph(evidence.profile.frames)}</div>`)}
</section>`;
}

const verdict = (proven: boolean) =>
  proven ? '<span class="good">Proven.</span>' : '<span class="bad">Unproven: do not plan with it.</span>';

function wrongs({ wrongAnswers, wrongRows }: PhaseResult): string {
  const wrong = [
    ...Object.entries(wrongAnswers).map(([error, times]) => `${times} × ${error}`),
    ...wrongRows,
  ];
  return wrong.length === 0
    ? '<p class="good">Every answer was right, and each acknowledged write exists exactly once.</p>'
    : `<p class="bad">${escaped(wrong.join('; '))}</p>`;
}

function latencyChart(steps: readonly RampStep[]): string {
  const points = (of: (step: RampStep) => number) => steps.map((step) => [step.rate, of(step)] as const);
  return lineChart({
    label: 'Latency by rate',
    x: 'requests a second',
    y: 'ms',
    logarithmic: true,
    limit: { name: `p99 of ${LIMIT.p99Ms} ms`, y: LIMIT.p99Ms },
    series: [
      { name: 'p99, from the scheduled time', points: points(({ corrected }) => corrected.p99), dots: true },
      {
        name: 'p99, from the time of sending',
        points: points(({ uncorrected }) => uncorrected.p99),
        dots: true,
      },
      { name: 'p50, from the scheduled time', points: points(({ corrected }) => corrected.p50), dots: true },
    ],
  });
}

function evidenceTable({ evidence }: PhaseResult): string {
  const { apps, hitRates } = evidence;
  const rows = Object.entries(apps).map(
    ([name, { eventLoopDelay, poolWait, heapMib }]) =>
      `<tr><td>${escaped(name)}</td><td>${eventLoopDelay.p99.toFixed(1)} ms</td><td>${poolWait.mean.toFixed(2)} ms</td><td>${poolWait.most.toFixed(1)} ms</td><td>${heapMib.toFixed(0)} MiB</td></tr>`,
  );
  const hits = [
    `buffer pool ${percent(hitRates.bufferPool)}`,
    ...(hitRates.proxy === undefined ? [] : [`nginx ${percent(hitRates.proxy)}`]),
    ...(hitRates.cache === undefined ? [] : [`shared cache ${percent(hitRates.cache)}`]),
  ];
  return `<h3>Observed at ${rounded(evidence.rate)} requests/s</h3>
<div class="scroll"><table><tr><th>process</th><th>event loop p99</th><th>pool wait</th><th>most</th><th>heap</th></tr>${rows.join('')}</table></div>
<p>A request: ${evidence.statementsPerRequest.toFixed(2)} statements, ${evidence.rowsPerRequest.toFixed(1)} rows examined, ${evidence.flushesPerRequest.toFixed(3)} flushes, ${evidence.lockWaitMsPerRequest.toFixed(3)} ms of lock wait. Hits: ${hits.join(', ')}. Waiting for a core: ${Object.entries(
    evidence.runQueueUs,
  )
    .map(([name, us]) => `${name} ${short(us ?? 0)} µs`)
    .join(', ')}.</p>`;
}

/** The same order on all charts, so that a component has one colour. */
const partsOf = (all: readonly Readonly<Record<string, number>>[]): string[] =>
  PARTS.filter((part) => all.some((one) => (one[part] ?? 0) > 0));

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const figure = (caption: string, content: string): string =>
  `<figure><figcaption>${escaped(caption)}</figcaption>${content}</figure>`;

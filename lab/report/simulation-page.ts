import { escaped } from '../profile/flame-graph';
import { PLANS, TIERS } from '../simulation/fleet';
import { AT, DAYS, EVENTS, type Scenario } from '../simulation/scenarios';
import { type SimulatedMinute, simulate } from '../simulation/simulate';
import { lineChart } from './charts';
import { frame } from './frame';
import { assumptionTable, DEARER, simulationTables, type Table } from './simulation-tables';

/** The simulation as a page. It measures nothing, and needs no run. */
export function simulationPage(): string {
  const { costs, bounds, sizes, dearer } = simulationTables();
  return frame(
    'Scaling, simulated',
    `<section><h2>Scaling, simulated</h2>
<p class="lead">The groups of phase 5 under loads that nobody sent. Nothing here was measured.</p>
<p>Policies, sizes and warm-ups are those of lib/scaling/scaling-plan.ts, and lib/scaling/policy-decisions.ts decides once a minute. The demand of a request is the lab's. Everything else is assumed: the last table has the sources.</p>
<h3>Cost of all groups, and requests shed</h3>${html(costs)}
<h3>Sizes</h3>${html(sizes, 'words')}
${DAYS.map((day) => scenarioCharts(day, { x: 'hour in New York', from: 0, to: day.minutes, unit: 60 })).join('\n')}
${Object.values(EVENTS)
  .map((event) => scenarioCharts(event, { x: 'minutes', from: AT - BEFORE, to: AT + 50, unit: 1 }))
  .join('\n')}
<h3>Promises, and what the simulation gives</h3>${html(bounds)}
<h3>The same plans, if each request takes ${DEARER} times the CPU</h3>${html(dearer)}
<h3>Assumptions</h3>${html(assumptionTable(), 'words')}
</section>`,
  );
}

/** Minutes that are shown before an event. */
const BEFORE = 10;

interface Window {
  readonly x: string;
  /** Minutes since the start of the scenario. */
  readonly from: number;
  readonly to: number;
  /** Minutes in a unit of the axis. */
  readonly unit: number;
}

/** Hosts that answer, CPU, and requests shed if there are any, by tier. */
function scenarioCharts(scenario: Scenario, { x, from, to, unit }: Window): string {
  const runs = TIERS.map((tier) => ({
    name: tier.name,
    minutes: simulate(tier, PLANS[tier.name], scenario).minutes.slice(from, to + 1),
  }));
  const events = from > 0 ? [{ name: 'it happens', x: BEFORE }] : [];
  const chart = (title: string, y: string, of: (minute: SimulatedMinute) => number) => {
    const label = `${title}, simulated: ${scenario.name}`;
    const series = runs.map(({ name, minutes }) => ({
      name,
      points: minutes.map((minute, at) => [at / unit, of(minute)] as const),
    }));
    return `<figure><figcaption>${escaped(label)}</figcaption>${lineChart({ label, x, y, series, events })}</figure>`;
  };
  const sheds = runs.some(({ minutes }) => minutes.some(({ shed }) => shed > 1));
  return `<h3>${escaped(scenario.name)}</h3><div class="two">
${chart('Hosts that answer', 'hosts', ({ serving }) => serving)}
${chart('CPU', '%', ({ cpuPercent }) => cpuPercent)}
${sheds ? chart('Requests shed', 'a second', ({ shed }) => shed) : ''}
</div>`;
}

/** @param kind `words`: cells begin at the left */
const html = ({ head, rows }: Table, kind: 'figures' | 'words' = 'figures'): string =>
  `<div class="scroll"><table class="${kind}"><tr>${head.map((cell) => `<th>${escaped(cell)}</th>`).join('')}</tr>${rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`)
    .join('')}</table></div>`;

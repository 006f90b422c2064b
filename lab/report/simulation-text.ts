import { BOUNDS, measureBounds } from '../analysis/scaling-bounds';
import { PLANS } from '../simulation/fleet';
import { simulationTables, type Table } from './simulation-tables';
import { wrapped } from './text';

/** The summary on the terminal, of at most 80 columns. */
export function simulationSummary(): string {
  const { costs } = simulationTables();
  const measured = measureBounds(PLANS);
  return [
    'Scaling, simulated: nothing here was measured',
    '',
    ...columns(costs),
    '',
    ...BOUNDS.flatMap((bound) => {
      const of = measured.filter((one) => one.bound === bound);
      const values = of.map(({ tier, value }) => `${tier} ${Number(value.toFixed(2))}`).join(', ');
      const verdict = of.every(({ holds }) => holds) ? 'kept  ' : 'BROKEN';
      return wrapped(`  ${verdict}  ${bound.name}: ${values}`);
    }),
    '',
  ].join('\n');
}

function columns({ head, rows }: Table): string[] {
  const widths = head.map((_, at) => Math.max(...[head, ...rows].map((cells) => cells[at]?.length ?? 0)));
  return [head, ...rows].map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

import { phases } from '../../lib/phases';
import { availabilityOf, type Part, pathsOf } from './availability';
import { SERVICE_LEVELS, type Service } from './service-levels';

const MONTH_MINUTES = 730 * 60;

/** The tables of docs/availability.md, in Markdown. */
export function availabilityTables(): string {
  return [phaseTable(), '', levelTable()].join('\n');
}

function phaseTable(): string {
  const rows = phases.map((phase) => {
    const { browse, buy } = pathsOf(phase);
    return row([phase.number, percent(browse), percent(buy), minutes(buy), weakest(buy)]);
  });
  return [row(['phase', 'browse', 'buy', 'minutes a month without', 'most of them']), rule(5), ...rows].join(
    '\n',
  );
}

function levelTable(): string {
  const rows = Object.values(SERVICE_LEVELS).map(({ name, share, source }) =>
    row([name, `${trimmed(share * 100)} %`, source]),
  );
  return [row(['part', 'promised', 'by']), rule(3), ...rows].join('\n');
}

const percent = (part: Part) => `${(availabilityOf(part) * 100).toFixed(2)} %`;
const minutes = (part: Part) => Math.round((1 - availabilityOf(part)) * MONTH_MINUTES);
const trimmed = (value: number) => Number(value.toFixed(4));
const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
const rule = (columns: number) => row(Array.from({ length: columns }, () => '---'));

/** The service in series that may be away the longest. */
function weakest(part: Part): string {
  const [first, ...others] = servicesIn(part);
  if (!first) throw new Error('A path has a part');
  const least = others.reduce(
    (one, other) => (SERVICE_LEVELS[other].share < SERVICE_LEVELS[one].share ? other : one),
    first,
  );
  return SERVICE_LEVELS[least].name;
}

const servicesIn = (part: Part): Service[] =>
  'service' in part ? [part.service] : 'series' in part ? part.series.flatMap(servicesIn) : [];

/** A point of the chart. */
export interface ChartPoint {
  readonly users: number;
  readonly usd: number;
  readonly phase: number;
}

const HEIGHT = 14;
const LEFT = 9;

/** Users against cost, both on logarithmic scales, each point as the number of its phase; at most 80 columns. */
export function chartText(points: readonly ChartPoint[]): string {
  const costs = points.map(({ usd }) => Math.log10(usd));
  const [low, high] = [Math.floor(Math.min(...costs)), Math.ceil(Math.max(...costs))];
  const lineOf = (usd: number) =>
    Math.round(((Math.log10(usd) - low) / Math.max(1, high - low)) * (HEIGHT - 1));
  const column = Math.max(2, Math.floor((80 - LEFT - 1) / points.length));
  const lines = Array.from({ length: HEIGHT }, (_, at) => {
    const height = HEIGHT - 1 - at;
    const marks = points.map(({ usd, phase }) => (lineOf(usd) === height ? String(phase) : ' '));
    return `${labelOf(height)} |${marks.map((mark) => mark.padStart(column)).join('')}`.trimEnd();
  });
  const axis = `${' '.repeat(LEFT - 1)} +${'-'.repeat(points.length * column)}`;
  const labels = points.map(({ users }) => (isPower(users) ? powerText(users) : '').padStart(column));
  return [
    'USD a month by users; each digit is the phase',
    ...lines,
    axis,
    `${' '.repeat(LEFT + 1)}${overlapping(labels, column)}`.trimEnd(),
  ].join('\n');

  function labelOf(height: number): string {
    const power = low + (height / (HEIGHT - 1)) * Math.max(1, high - low);
    const isWhole = Math.abs(power - Math.round(power)) < 0.5 / HEIGHT;
    return (isWhole ? (10 ** Math.round(power)).toLocaleString('en') : '').padStart(LEFT);
  }
}

/** Users at which the chart has a point: 1, 2 and 5 of each power of ten. */
export const CHART_USERS: readonly number[] = Array.from({ length: 9 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
)
  .flat()
  .filter((users) => users <= 20_000_000);

const isPower = (users: number): boolean => Number.isInteger(Math.log10(users));

const powerText = (users: number): string =>
  users >= 1e6 ? `${users / 1e6}M` : users >= 1e3 ? `${users / 1e3}k` : String(users);

/** Puts labels that are wider than a column over the empty ones before them. */
function overlapping(labels: readonly string[], column: number): string {
  return labels.reduce((text, label, at) => {
    const end = (at + 1) * column;
    const cut = text.slice(0, Math.max(0, end - label.trim().length));
    return label.trim() === '' ? text : cut.padEnd(end - label.trim().length) + label.trim();
  }, '');
}

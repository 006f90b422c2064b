import { escaped } from '../profile/flame-graph';

/** SVG without colours: the page defines the classes `c0` to `c7`, for both schemes. */

const WIDTH = 640;
const HEIGHT = 260;
const LEFT = 56;
const BOTTOM = 34;
const TOP = 12;

interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Points, or a line through them. Default: a line. */
  readonly dots?: boolean;
}

export interface LineChart {
  readonly label: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** A logarithmic scale, for latencies. */
  readonly logarithmic?: boolean;
  /** A level to compare with. */
  readonly limit?: { readonly name: string; readonly y: number };
  /** Moments with a name. */
  readonly events?: readonly { readonly name: string; readonly x: number }[];
}

export function lineChart({
  label,
  x,
  y,
  series,
  logarithmic = false,
  limit,
  events = [],
}: LineChart): string {
  const all = series.flatMap(({ points }) => points);
  const xMax = Math.max(1, ...all.map(([value]) => value));
  const ys = [...all.map(([, value]) => value), limit?.y ?? 0];
  const yTop = niceTop(Math.max(1e-9, ...ys), logarithmic);
  const yLow = logarithmic
    ? 10 ** Math.floor(Math.log10(Math.max(0.1, Math.min(...ys.filter((value) => value > 0)))))
    : 0;
  const atX = (value: number) => LEFT + (value / xMax) * (WIDTH - LEFT - 12);
  const share = (value: number) =>
    logarithmic ? Math.log(Math.max(value, yLow) / yLow) / Math.log(yTop / yLow) : value / yTop;
  const atY = (value: number) => HEIGHT - BOTTOM - share(value) * (HEIGHT - BOTTOM - TOP);
  const yTicks = logarithmic ? powers(yLow, yTop) : [0, 0.25, 0.5, 0.75, 1].map((part) => part * yTop);
  const xTicks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * xMax);
  return (
    svg(
      label,
      WIDTH,
      HEIGHT,
      [
        ...yTicks.map(
          (value) =>
            `<line class="grid" x1="${LEFT}" x2="${WIDTH - 12}" y1="${n(atY(value))}" y2="${n(atY(value))}"/><text class="tick end" x="${LEFT - 6}" y="${n(atY(value) + 4)}">${short(value)}</text>`,
        ),
        ...xTicks.map(
          (value) =>
            `<text class="tick middle" x="${n(atX(value))}" y="${HEIGHT - BOTTOM + 15}">${short(value)}</text>`,
        ),
        `<text class="axis middle" x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 4}">${escaped(x)}</text>`,
        `<text class="axis" x="4" y="${HEIGHT - 4}">${escaped(y)}</text>`,
        ...(limit
          ? [
              `<line class="limit" x1="${LEFT}" x2="${WIDTH - 12}" y1="${n(atY(limit.y))}" y2="${n(atY(limit.y))}"/><text class="tick" x="${LEFT + 4}" y="${n(atY(limit.y) - 4)}">${escaped(limit.name)}</text>`,
            ]
          : []),
        ...events.map(
          ({ name, x: when }) =>
            `<line class="limit" x1="${n(atX(when))}" x2="${n(atX(when))}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/><text class="tick" x="${n(atX(when) + 4)}" y="${TOP + 10}">${escaped(name)}</text>`,
        ),
        ...series.map(({ name, points, dots }, at) =>
          dots
            ? points
                .map(
                  ([px, py]) =>
                    `<circle class="fill c${at}" cx="${n(atX(px))}" cy="${n(atY(py))}" r="4"><title>${escaped(name)}: ${short(px)}, ${short(py)}</title></circle>`,
                )
                .join('')
            : `<polyline class="line c${at}" points="${points.map(([px, py]) => `${n(atX(px))},${n(atY(py))}`).join(' ')}"><title>${escaped(name)}</title></polyline>`,
        ),
      ].join(''),
    ) + legend(series.map(({ name }) => name))
  );
}

export interface Bar {
  readonly name: string;
  readonly parts: Readonly<Record<string, number>>;
}

const ROW = 26;
/** Approximate width of a letter of a name. */
const LETTER = 6.6;

/** A bar for each row, with its parts in the order of `parts`. */
export function stackedBars(
  label: string,
  unit: string,
  parts: readonly string[],
  bars: readonly Bar[],
): string {
  const sum = ({ parts: values }: Bar) => parts.reduce((total, part) => total + (values[part] ?? 0), 0);
  const most = Math.max(1e-9, ...bars.map(sum));
  const names = 16 + LETTER * Math.max(...bars.map(({ name }) => name.length));
  const scale = (WIDTH - names - 70) / most;
  const rows = bars.map((bar, row) => {
    let at = names;
    const boxes = parts.map((part, index) => {
      const width = (bar.parts[part] ?? 0) * scale;
      const box = `<rect class="fill c${index}" x="${n(at)}" y="${row * ROW + 3}" width="${n(Math.max(0, width - 1))}" height="${ROW - 8}"><title>${escaped(part)}: ${short(bar.parts[part] ?? 0)} ${unit}</title></rect>`;
      at += width;
      return box;
    });
    return `<text class="tick end" x="${n(names - 8)}" y="${row * ROW + 16}">${escaped(bar.name)}</text>${boxes.join('')}<text class="tick" x="${n(at + 5)}" y="${row * ROW + 16}">${short(sum(bar))}</text>`;
  });
  return svg(label, WIDTH, bars.length * ROW + 4, rows.join('')) + (parts.length > 1 ? legend(parts) : '');
}

function svg(label: string, width: number, height: number, content: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(label)}">${content}</svg>`;
}

const legend = (names: readonly string[]): string =>
  `<p class="legend">${names.map((name, at) => `<span><i class="c${at}"></i>${escaped(name)}</span>`).join('')}</p>`;

function niceTop(value: number, logarithmic: boolean): number {
  const power = 10 ** Math.floor(Math.log10(value));
  if (logarithmic) return power * 10;
  return (([1, 2, 2.5, 5, 10] as const).find((step) => step * power >= value) ?? 10) * power;
}

function powers(from: number, to: number): number[] {
  const found: number[] = [];
  for (let value = from; value <= to * 1.0001; value *= 10) found.push(value);
  return found;
}

const n = (value: number): string => value.toFixed(1);

/** At most three digits, or thousands with a comma. */
export const short = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));

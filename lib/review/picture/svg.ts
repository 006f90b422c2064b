/** The few shapes that a picture is made of, as SVG. */

export type Point = readonly [x: number, y: number];

interface Text {
  readonly at: Point;
  readonly size: number;
  readonly className?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  /** Upwards. */
  readonly turned?: boolean;
}

export function rect(at: Point, width: number, height: number, className: string): string {
  return `<rect x="${at[0]}" y="${at[1]}" width="${width}" height="${height}" rx="6" class="${className}"/>`;
}

export function text(words: string, { at, size, className, anchor = 'start', turned = false }: Text): string {
  const [x, y] = at;
  const style = className ? ` class="${className}"` : '';
  const side = anchor === 'start' ? '' : ` text-anchor="${anchor}"`;
  const turn = turned ? ` transform="rotate(-90 ${x} ${y})"` : '';
  return `<text x="${x}" y="${y}" font-size="${size}"${style}${side}${turn}>${escaped(words)}</text>`;
}

/** A line with corners and a head at its end. */
export function arrow(points: readonly Point[], className: string): string {
  const bends = points.filter((point, index) => !isBetween(points[index - 1], point, points[index + 1]));
  const [last, before] = [bends.at(-1), bends.at(-2)];
  if (!last || !before) return '';
  const line = `<path d="M${bends.map(([x, y]) => `${x} ${y}`).join(' L')}" class="${className}"/>`;
  return `${line}\n<path d="${head(before, last)}" class="${className} head"/>`;
}

function head([fromX, fromY]: Point, [x, y]: Point): string {
  const [right, down] = [Math.sign(x - fromX), Math.sign(y - fromY)];
  const corner = (side: number) => `${x - right * 8 + down * side} ${y - down * 8 + right * side}`;
  return `M${x} ${y} L${corner(4)} L${corner(-4)} Z`;
}

/** Whether a point is no corner. */
function isBetween(before: Point | undefined, [x, y]: Point, after: Point | undefined): boolean {
  if (!before || !after) return false;
  return (before[0] === x && after[0] === x) || (before[1] === y && after[1] === y);
}

export function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

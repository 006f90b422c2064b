import { ARRIVING, type Heights, LEAVING, type Span, topOf } from './heights';
import type { Layout } from './layout';
import { flowId, type News } from './news';
import type { Rows } from './rows';
import { font, LANE, textWidth } from './sheet';
import { arrow, type Point, text } from './svg';
import type { Way } from './ways';

/** An arrow, without the words beside it: those come last, above everything. */
export function arrowOf(way: Way, layout: Layout, news: News): string {
  const { flow } = way;
  const points = pointsOf(way, layout);
  const isNew = news.added.has(flowId(flow));
  const className = ['way', flow.kind === 'relation' ? 'relation' : '', isNew ? 'new' : ''];
  return arrow(
    way.upward ? [...points].reverse() : points,
    className.filter((each) => each !== '').join(' '),
  );
}

/** The corners of an arrow, from its upper or left end. */
export function pointsOf(way: Way, { rows, heights }: Layout): Point[] {
  if (way.kind === 'beside') {
    const { top, bottom } = heights.rows[way.row] as Span;
    const y = Math.round((top + bottom) / 2);
    const isRight = way.to.x > way.from.x;
    return isRight
      ? [
          [way.from.x + way.from.width, y],
          [way.to.x, y],
        ]
      : [
          [way.from.x, y],
          [way.to.x + way.to.width, y],
        ];
  }
  if (way.kind === 'loop') {
    const [from = 0, to = 0] = [way.from, way.target].map(({ part }) => heights.beside.get(part.key));
    const [out, back] = [from + way.from.height - 12, to + FIRST_ENTRY + way.entry * ENTRIES];
    return [
      [way.from.x, out],
      [way.lane, out],
      [way.lane, back],
      [way.target.x, back],
    ];
  }
  const bends = way.across.flatMap(({ channel, from, to, lane }): Point[] => {
    const y = (heights.rows[channel] as Span).bottom + LEAVING + LANE * lane + 4;
    return [
      [from, y],
      [to, y],
    ];
  });
  const [first] = way.across;
  const start = first ? edgeBelow(first.channel, first.from, rows, heights) : 0;
  const [lastX = 0] = bends.at(-1) ?? [];
  const begun: Point[] = [[first?.from ?? 0, start], ...bends];
  if (way.kind === 'under') {
    return [...begun, [lastX, edgeBelow(first?.channel ?? 0, lastX, rows, heights)]];
  }
  if (way.kind === 'down') return [...begun, [lastX, edgeAbove(way.end, lastX, rows, heights)]];
  const y = (heights.beside.get(way.target.part.key) ?? 0) + FIRST_ENTRY + way.entry * ENTRIES;
  return [...begun, [lastX, y], [way.target.x, y]];
}

/** From the top of a part to the first arrow that comes in from the gutter, and from one to the next. */
const FIRST_ENTRY = 18;
const ENTRIES = 18;

/** The lower edge of the part of a row that is at x. */
function edgeBelow(row: number, x: number, rows: Rows, heights: Heights): number {
  const one = rows.rows[row]?.placed.find((each) => each.x <= x && x <= each.x + each.width);
  return one ? topOf(one, heights.rows[row] as Span) + one.height : 0;
}

function edgeAbove(row: number, x: number, rows: Rows, heights: Heights): number {
  const one = rows.rows[row]?.placed.find((each) => each.x <= x && x <= each.x + each.width);
  return one ? topOf(one, heights.rows[row] as Span) : 0;
}

/** The port of an arrow, beside its head. */
export function labelOf(way: Way, layout: Layout): string {
  const points = pointsOf(way, layout);
  const [last, first] = [points.at(-1), points[0]];
  if (!last || !first || way.flow.label === '') return '';
  const style = { size: font.label, className: 'label' } as const;
  if (way.kind === 'beside') {
    const middle = Math.round((first[0] + last[0]) / 2);
    return text(way.flow.label, { ...style, at: [middle, last[1] - 7], anchor: 'middle' });
  }
  if (way.kind === 'gutter' || way.kind === 'loop') {
    const width = textWidth(way.flow.label, font.label);
    return text(way.flow.label, { ...style, at: [Math.round(last[0] - 12 - width), last[1] - 5] });
  }
  if (way.upward || way.kind === 'under') {
    return text(way.flow.label, { ...style, at: [first[0] + 6, first[1] + ARRIVING - 8] });
  }
  return text(way.flow.label, { ...style, at: [last[0] + 6, last[1] - 11] });
}

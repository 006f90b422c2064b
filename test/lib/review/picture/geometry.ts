import { pointsOf } from '../../../../lib/review/picture/arrows';
import { type Span, topOf } from '../../../../lib/review/picture/heights';
import type { Layout } from '../../../../lib/review/picture/layout';
import { sheet } from '../../../../lib/review/picture/sheet';

interface Box {
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** What a reader would stumble over: boxes over boxes, arrows through boxes or along other arrows, all off the paper. */
export function faultsOf(layout: Layout): string[] {
  const boxes = boxesOf(layout);
  const pieces = layout.ways.flatMap((way) => {
    const points = pointsOf(way, layout);
    const name = `${way.flow.from} > ${way.flow.to}`;
    return points.slice(1).map((point, index) => {
      const [[x1, y1], [x2, y2]] = [points[index] ?? point, point];
      const [left, right] = [Math.min(x1, x2), Math.max(x1, x2)];
      return { name, left, right, top: Math.min(y1, y2), bottom: Math.max(y1, y2) };
    });
  });
  return [
    ...pairs(boxes).filter(overlap(4)).map(told('overlaps')),
    ...boxes
      .filter(({ left, right }) => left < 0 || right > sheet.width)
      .map(({ name }) => `${name} is off the paper`),
    ...pieces
      .flatMap((piece) => boxes.map((one) => [piece, one] as const))
      .filter(overlap(-1))
      .map(told('runs through')),
    ...pairs(pieces)
      .filter(([one, other]) => one.name !== other.name && along(one, other))
      .map(told('runs along')),
  ];
}

function boxesOf({ rows, heights }: Layout): Box[] {
  const inRows = rows.rows.flatMap(({ placed }, row) =>
    placed.map((one) => ({ one, top: topOf(one, heights.rows[row] as Span) })),
  );
  const beside = rows.region.map((one) => ({ one, top: heights.beside.get(one.part.key) ?? 0 }));
  return [...inRows, ...beside].map(({ one, top }) => ({
    name: one.part.key,
    left: one.x,
    right: one.x + one.width,
    top,
    bottom: top + one.height,
  }));
}

function pairs<T>(all: readonly T[]): (readonly [T, T])[] {
  return all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other] as const));
}

/** @param room how far apart they must be; negative: how far one may reach into the other */
function overlap(room: number) {
  return ([one, other]: readonly [Box, Box]) =>
    one.left < other.right + room &&
    other.left < one.right + room &&
    one.top < other.bottom + room &&
    other.top < one.bottom + room;
}

/** Two lines upon each other for some way; crossing is no fault. */
function along(one: Box, other: Box): boolean {
  const shared = (a: number, b: number, c: number, d: number) => Math.min(b, d) - Math.max(a, c);
  const across = shared(one.left, one.right, other.left, other.right);
  const down = shared(one.top, one.bottom, other.top, other.bottom);
  return (
    (across > 1 && down >= 0 && one.top === one.bottom && other.top === other.bottom) ||
    (down > 1 && across >= 0 && one.left === one.right && other.left === other.right)
  );
}

function told(how: string) {
  return ([one, other]: readonly [Box, Box]) => `${one.name} ${how} ${other.name}`;
}

import { labelIndent } from '../../../review/diagram/elk-graph';
import type { Arrow, Box, Layout, Rectangle } from '../../../review/diagram/elk-layout';
import { edgeId } from '../../../review/diagram/model';
import { fontSize, labelWidth } from '../../../review/diagram/text-metrics';

type Named = Rectangle & { readonly name: string };

/** The faults a reader would stumble over, each in words: overlaps, arrows through boxes or text, loose ends. */
export function problemsIn({ width, height, boxes, compartments, arrows }: Layout): string[] {
  const nodes = boxes.map((box): Named => ({ ...box, name: box.content.node.key }));
  const labels = arrows.flatMap(({ edge, label }) =>
    label
      ? [{ ...drawnSize(label, edge.label), name: `${edge.label} of ${edgeId(edge)}`, of: edgeId(edge) }]
      : [],
  );
  const titles = compartments.map((each): Named => ({ ...titleOf(each), name: `title ${each.title}` }));
  const segments = arrows.flatMap(segmentsOf);
  const sheet = { x: 0, y: 0, width, height };
  return [
    ...pairs([...nodes, ...labels, ...titles])
      .filter(([one, other]) => overlap(one, other))
      .map(([one, other]) => `${one.name} overlaps ${other.name}`),
    ...pairs(compartments)
      .filter(([one, other]) => overlap(one, other) && !contains(one, other))
      .map(([one, other]) => `${one.title} and ${other.title} overlap`),
    ...[...nodes, ...labels, ...compartments.map((each) => ({ ...each, name: each.title }))]
      .filter((each) => !contains(sheet, each))
      .map(({ name }) => `${name} is off the sheet`),
    ...segments.flatMap((segment) =>
      [...nodes, ...titles, ...labels.filter(({ of }) => of !== segment.name)]
        .filter((each) => overlap(segment, each))
        .map(({ name }) => `${segment.name} runs through ${name}`),
    ),
    ...pairs(segments)
      .filter(([one, other]) => one.name !== other.name && runAlong(one, other))
      .map(([one, other]) => `${one.name} runs along ${other.name}`),
    ...segments.filter(({ width: w, height: h }) => w > 0 && h > 0).map(({ name }) => `${name} is slanted`),
    ...segments.filter(isJog).map(({ name }) => `${name} has a jog`),
    ...arrows.flatMap((arrow) => looseEnds(arrow, boxes)),
  ];
}

/** The size of the text, from where the layout puts it. */
function drawnSize({ x, y }: Rectangle, text: string): Rectangle {
  return { x, y, width: labelIndent + labelWidth(text), height: fontSize.label + 2 };
}

/** A turned title is in the padding at the left of its compartment. */
function titleOf({ x, y, height }: Rectangle): Rectangle {
  return { x: x + 12, y: y + 4, width: 14, height: height - 8 };
}

function segmentsOf({ edge, points }: Arrow): Named[] {
  return points.slice(1).map(([x2, y2], index) => {
    const [x1, y1] = points[index] ?? [x2, y2];
    const [x, y] = [Math.min(x1, x2), Math.min(y1, y2)];
    return { name: edgeId(edge), x, y, width: Math.max(x1, x2) - x, height: Math.max(y1, y2) - y };
  });
}

/** Too short to be seen as anything but a mistake. */
function isJog({ width, height }: Rectangle): boolean {
  return width + height > 0 && width + height < 3;
}

/** Arrows begin and end on the border of their nodes. */
function looseEnds({ edge, points }: Arrow, boxes: readonly Box[]): string[] {
  const ends = [
    { key: edge.from, point: points[0] },
    { key: edge.to, point: points.at(-1) },
  ];
  return ends.flatMap(({ key, point }) => {
    const box = boxes.find(({ content }) => content.node.key === key);
    const isOnBorder =
      box !== undefined &&
      point !== undefined &&
      box.x < point[0] &&
      point[0] < box.x + box.width &&
      (point[1] === box.y || point[1] === box.y + box.height);
    return isOnBorder ? [] : [`${edgeId(edge)} does not touch ${key}`];
  });
}

/** Touching is no overlap. */
function overlap(one: Rectangle, other: Rectangle): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function contains(outer: Rectangle, inner: Rectangle): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Two lines upon each other for some way; crossing is no fault. */
function runAlong(one: Rectangle, other: Rectangle): boolean {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  return Math.min(across, down) >= 0 && Math.max(across, down) > 1;
}

function pairs<T>(all: readonly T[]): (readonly [T, T])[] {
  return all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other] as const));
}

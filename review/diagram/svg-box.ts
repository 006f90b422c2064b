import { badgeWidths, lineHeight, padding, titleHeight, zoneHeight } from './box-content';
import { type Changes, zoneId } from './changes';
import type { Box } from './elk-layout';
import { rect, text } from './svg-shapes';
import { fontSize } from './text-metrics';

/** A node as a box: its title, lines and zones, and a badge in the corner if it is new or changed. */
export function boxSvg(box: Box, changes: Changes): string {
  const { x, y, width, height, content } = box;
  const left = x + padding;
  const below = y + padding + content.title.length * titleHeight;
  return [
    rect([x, y], width, height, changes.added.has(content.node.key) ? 'box new' : 'box'),
    ...content.title.map((line, index) =>
      text(line, {
        at: [left, y + padding + 12 + index * titleHeight],
        size: fontSize.title,
        className: 'strong',
      }),
    ),
    ...content.lines.map((line, index) =>
      text(line, { at: [left, below + 11 + index * lineHeight], size: fontSize.line }),
    ),
    ...zones(box, changes),
    ...badge(box),
  ].join('\n');
}

function badge({ x, y, width, content: { badge: word } }: Box): string[] {
  if (word === '') return [];
  const left = x + width - badgeWidths[word] - 5;
  const at = [left + badgeWidths[word] / 2, y + 18.5] as const;
  return [
    rect([left, y + 6], badgeWidths[word], 17, `badge ${word}`),
    text(word, { at, size: fontSize.label, className: `word ${word}`, anchor: 'middle' }),
  ];
}

/** One cell per zone, including empty ones. */
function zones({ x, y, width, height, content: { node } }: Box, changes: Changes): string[] {
  const { key, zones: names = [] } = node;
  const gap = 3;
  const cell = Math.floor((width - 2 * padding + gap) / names.length) - gap;
  const top = y + height - zoneHeight - padding + 2;
  return names.flatMap((name, index) => {
    const left = x + padding + index * (cell + gap);
    if (name === '') return [rect([left, top], cell, zoneHeight, 'empty')];
    const at = [left + Math.round(cell / 2), top + 14] as const;
    return [
      rect([left, top], cell, zoneHeight, changes.added.has(zoneId(key, index)) ? 'zone new' : 'zone'),
      text(name, { at, size: fontSize.label, anchor: 'middle' }),
    ];
  });
}

import { badgeOf, type Changes } from './changes';
import type { DiagramNode } from './model';
import { labelWidth, lineWidth, titleWidth, wrap } from './text-metrics';

/** The text of a node in lines, and the size of the box around it. */
export interface BoxContent {
  readonly node: DiagramNode;
  readonly title: readonly string[];
  readonly lines: readonly string[];
  readonly badge: keyof typeof badgeWidths;
  readonly width: number;
  readonly height: number;
}

export const padding = 10;
export const titleHeight = 19;
export const lineHeight = 16;
export const zoneHeight = 20;
/** Including the space before the word. */
export const badgeWidths = { new: 34, changed: 64, '': 0 } as const;

const widestTitle = 140;
const widestLine = 190;

export function boxContent(node: DiagramNode, changes: Changes): BoxContent {
  const badge = badgeOf(node, changes);
  const zones = node.zones ?? [];
  const title = wrap(node.title, widestTitle, titleWidth);
  const lines = node.lines.flatMap((line) => wrap(line, widestLine));
  const textWidths = [...title.map((line) => titleWidth(line) + badgeWidths[badge]), ...lines.map(lineWidth)];
  const zoneWidth = Math.max(...zones.map(labelWidth), 0) + 10;
  const texts = title.length * titleHeight + lines.length * lineHeight;
  return {
    node,
    title,
    lines,
    badge,
    width: Math.ceil(Math.max(...textWidths, zones.length * zoneWidth) + 2 * padding),
    height: texts + (zones.length > 0 ? zoneHeight + 6 : 0) + 2 * padding - 2,
  };
}

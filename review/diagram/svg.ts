import type { Changes } from './changes';
import { labelIndent } from './elk-graph';
import type { Arrow, Compartment, Layout } from './elk-layout';
import { edgeId } from './model';
import { boxSvg } from './svg-box';
import { escaped, rect, text } from './svg-shapes';
import { fontSize, wrap } from './text-metrics';

/** The text around a diagram. */
export interface Caption {
  readonly title: string;
  readonly subtitle: string;
  /** The diagram in sentences, for screen readers. */
  readonly description: string;
  /** Below the diagram. */
  readonly notes: readonly string[];
}

const margin = 20;
const leading = 17;
const narrowest = 760;

/** One SVG document with a layout and its caption. */
export function renderSvg(layout: Layout, changes: Changes, caption: Caption): string {
  const width = Math.max(layout.width, narrowest) + 2 * margin;
  const subtitle = wrap(caption.subtitle, width - 2 * margin);
  const notes = caption.notes.flatMap((note) => wrap(note, width - 2 * margin));
  const top = 60 + subtitle.length * leading;
  const bottom = top + layout.height;
  const height = bottom + notes.length * leading + 2 * margin;
  const left = Math.round((width - layout.width) / 2);
  const lines = (all: readonly string[], y: number) =>
    all.map((line, index) => text(line, { at: [margin, y + index * leading], size: fontSize.line }));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(caption.title)}</title>`,
    `<desc id="desc">${escaped(caption.description)}</desc>`,
    `<style>${style}</style>`,
    `<defs>${arrowHead('head')}${arrowHead('head new')}</defs>`,
    `<rect width="${width}" height="${height}" rx="10" class="paper"/>`,
    text(caption.title, { at: [margin, 40], size: 21, className: 'strong' }),
    ...lines(subtitle, 62),
    `<g transform="translate(${left} ${top})">`,
    ...layout.compartments.map(compartmentSvg),
    ...layout.arrows.map((arrow) => arrowSvg(arrow, changes.added.has(edgeId(arrow.edge)))),
    ...layout.boxes.map((box) => boxSvg(box, changes)),
    ...layout.arrows.flatMap(labelSvg),
    '</g>',
    ...lines(notes, bottom + margin),
    '</svg>',
  ].join('\n')}\n`;
}

/** Own colours on an own background: GitHub shows the file in light and in dark mode alike. */
const style = [
  'text{fill:#1f2933}.strong{font-weight:600}.soft{fill:#52606d}',
  '.paper{fill:#f7f9fc}.outer{fill:#eaf1f9;stroke:#9fb3c8}.nested{fill:#f7fafd;stroke:#c3d2e1}',
  '.box{fill:#fff;stroke:#486581;stroke-width:1.2}.box.new{stroke:#b44d12;stroke-width:2.6}',
  '.zone{fill:#dbe7f3;stroke:#9fb3c8}.zone.new{stroke:#b44d12;stroke-width:2.2}.empty{fill:none;stroke:#d5dee8;stroke-dasharray:2 3}',
  '.badge{fill:#b44d12;stroke:#b44d12}.badge.changed{fill:#fff}.word{fill:#fff;font-weight:600}.word.changed{fill:#9a3f0c}',
  '.arrow{fill:none;stroke:#486581;stroke-width:1.4}.arrow.new{stroke:#b44d12;stroke-width:2.4}.relation{stroke-dasharray:5 4}',
  '.head{fill:#486581}.head.new{fill:#b44d12}',
  '.label{stroke:#f7fafd;stroke-width:4;paint-order:stroke;stroke-linejoin:round}',
].join('');

function arrowHead(className: string): string {
  const id = className.replace(' ', '-');
  return `<marker id="${id}" markerUnits="userSpaceOnUse" markerWidth="8" markerHeight="8" refX="8" refY="4" orient="auto"><path d="M0 0 L8 4 L0 8 Z" class="${className}"/></marker>`;
}

/** The title is turned and at the left, where no arrow goes. */
function compartmentSvg({ x, y, width, height, title, isNested }: Compartment): string {
  const at = [x + 22, y + Math.round(height / 2)] as const;
  const className = isNested ? 'soft' : 'strong';
  return [
    rect([x, y], width, height, isNested ? 'nested' : 'outer'),
    text(title, { at, size: fontSize.line, anchor: 'middle', isTurned: true, className }),
  ].join('\n');
}

function arrowSvg({ edge, points }: Arrow, isNew: boolean): string {
  const className = ['arrow', ...(edge.kind === 'relation' ? ['relation'] : []), ...(isNew ? ['new'] : [])];
  const path = points.map(([x, y]) => `${x} ${y}`).join(' L');
  const head = isNew ? 'head-new' : 'head';
  return `<path d="M${path}" class="${className.join(' ')}" marker-end="url(#${head})"/>`;
}

function labelSvg({ edge, label }: Arrow): string[] {
  if (!label) return [];
  return [
    text(edge.label, { at: [label.x + labelIndent, label.y + 11], size: fontSize.label, className: 'label' }),
  ];
}

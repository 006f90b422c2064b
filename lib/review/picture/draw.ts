import { arrowOf, labelOf } from './arrows';
import { box } from './box';
import { frames } from './frames';
import { type Span, topOf } from './heights';
import { layoutOf } from './layout';
import type { Model } from './model';
import type { News } from './news';
import { font, sheet, wrap } from './sheet';
import { escaped, text } from './svg';

/** What is said about a picture. */
export interface Words {
  readonly title: string;
  /** Under the title: why there is this phase. */
  readonly subtitle: string;
  /** What the picture shows, in sentences, for who cannot see it. */
  readonly description: string;
  /** Under the picture. */
  readonly notes: readonly string[];
  readonly news: News;
}

/** The picture of a model as one SVG document, the same for the same input. */
export function draw(model: Model, words: Words): string {
  const subtitle = wrap(words.subtitle, sheet.width - 2 * sheet.margin);
  const layout = layoutOf(model, words.news, 62 + subtitle.length * 17);
  const { rows, ways, heights } = layout;
  const notes = words.notes.flatMap((note) => wrap(note, sheet.width - 2 * sheet.margin));
  const height = Math.round(heights.bottom + 20 + notes.length * 18 + 6);
  const below = (index: number) => heights.bottom + 26 + index * 18;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${sheet.width} ${height}" width="${sheet.width}" height="${height}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(words.title)}</title>`,
    `<desc id="desc">${escaped(words.description)}</desc>`,
    `<style>${style}</style>`,
    `<rect width="${sheet.width}" height="${height}" rx="10" class="paper"/>`,
    text(words.title, { at: [sheet.margin, 40], size: 21, className: 'strong' }),
    ...subtitle.map((line, index) => text(line, { at: [sheet.margin, 62 + index * 17], size: font.line })),
    ...frames(model.network, layout),
    ...ways.map((way) => arrowOf(way, layout, words.news)),
    ...rows.rows.flatMap(({ placed }, row) =>
      placed.map((one) => box(one, topOf(one, heights.rows[row] as Span), words.news)),
    ),
    ...rows.region.map((one) => box(one, heights.beside.get(one.part.key) ?? 0, words.news)),
    ...ways.map((way) => labelOf(way, layout)),
    ...notes.map((note, index) => text(note, { at: [sheet.margin, below(index)], size: font.line })),
    '</svg>',
  ].join('\n')}\n`;
}

/** Own colours on an own background: GitHub shows the file in light and in dark mode alike. */
const style = [
  'text{fill:#1f2933}.strong{font-weight:600}.soft{fill:#52606d}',
  '.paper{fill:#f7f9fc}.outer{fill:#eaf1f9;stroke:#9fb3c8}.tier{fill:#f7fafd;stroke:#c3d2e1}',
  '.part{fill:#fff;stroke:#486581;stroke-width:1.2}.part.new{stroke:#b44d12;stroke-width:2.6}',
  '.zone{fill:#dbe7f3;stroke:#9fb3c8}.none{fill:none;stroke:#d5dee8;stroke-dasharray:2 3}',
  '.badge{fill:#b44d12;stroke:#b44d12;stroke-width:1}.badge.changed{fill:#fff}.word{fill:#fff;font-weight:600}.word.changed{fill:#9a3f0c}',
  '.zone.new{stroke:#b44d12;stroke-width:2.2}',
  '.way{fill:none;stroke:#486581;stroke-width:1.4}.way.new{stroke:#b44d12;stroke-width:2.4}',
  '.relation{stroke-dasharray:5 4}.head{fill:#486581;stroke-dasharray:none;stroke-width:1}',
  '.head.new{fill:#b44d12;stroke-width:1}',
  '.label{stroke:#f7fafd;stroke-width:4;paint-order:stroke;stroke-linejoin:round}',
].join('');

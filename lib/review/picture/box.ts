import type { Part } from './model';
import { badgeOf, type News, zoneId } from './news';
import { BADGES, baseline, PADDING, type Placed, ZONES } from './rows';
import { font, textWidth } from './sheet';
import { rect, text } from './svg';

/** A part as a box: its title, what is said of it, its zones, and a word when it is not as it was. */
export function box(placed: Placed, y: number, news: News): string {
  const { part, x, width, height, title, lines } = placed;
  return [
    rect([x, y], width, height, news.added.has(part.key) ? 'part new' : 'part'),
    ...title.map((line, index) =>
      text(line, {
        at: [x + PADDING, y + baseline(placed, 'title', index)],
        size: font.title,
        className: 'strong',
      }),
    ),
    ...lines.map((line, index) =>
      text(line, { at: [x + PADDING, y + baseline(placed, 'lines', index)], size: font.line }),
    ),
    ...zones(part, news, { left: x + PADDING, top: y + height - ZONES - 6, width: width - 2 * PADDING }),
    ...badge(badgeOf(part, news), x + width, y),
  ].join('\n');
}

/** A word in the upper right corner. */
function badge(word: keyof typeof BADGES, right: number, top: number): string[] {
  if (word === '') return [];
  const [left, width] = [right - BADGES[word] - 5, BADGES[word]];
  return [
    rect([left, top + 6], width, 17, `badge ${word}`),
    text(word, {
      at: [left + width / 2, top + 18.5],
      size: font.label,
      className: `word ${word}`,
      anchor: 'middle',
    }),
  ];
}

/** A cell for each zone; an empty one where there is nothing. */
function zones(
  { key, zones: names = [] }: Part,
  news: News,
  { left, top, width }: { readonly left: number; readonly top: number; readonly width: number },
): string[] {
  const cell = Math.floor((width - 3 * (names.length - 1)) / names.length);
  return names.flatMap((name, zone) => {
    const x = left + zone * (cell + 3);
    if (name === '') return [rect([x, top], cell, ZONES - 2, 'none')];
    return [
      rect([x, top], cell, ZONES - 2, news.added.has(zoneId(key, zone)) ? 'zone new' : 'zone'),
      text(fits(name, cell), {
        at: [x + Math.round(cell / 2), top + 14],
        size: font.label,
        anchor: 'middle',
      }),
    ];
  });
}

/** "zone 1", or "1" where there is no room for more. */
function fits(name: string, width: number): string {
  return textWidth(name, font.label) <= width ? name : (name.split(' ').at(-1) ?? name);
}

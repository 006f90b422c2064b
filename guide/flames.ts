import { escaped, flameBoxes, WIDTH } from '../lab/profile/flame-graph';
import type { Run } from '../lab/report/run';

const HEADING = 34;
const FOOTING = 34;
const MARGIN = 12;

/** The CPU time of the busiest process of a phase, by function: an SVG document, the same for the same run. */
export function flamesChart({ phase, evidence }: Run['phases'][number], day: string): string {
  const { process, frames } = evidence.profile;
  const { boxes, height } = flameBoxes(frames);
  const [width, whole] = [WIDTH + 2 * MARGIN, HEADING + height + FOOTING];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${whole}" width="${width}" height="${whole}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13" role="img" aria-label="${escaped(`Flame graph of ${process} in phase ${phase}`)}">`,
    '<style>text{fill:#1f2933}.frames text{font-size:11px}.paper{fill:#f7f9fc}.ours rect,.mark.ours{fill:#f0a860}.package rect,.mark.package{fill:#8fb8e6}.node rect,.mark.node{fill:#c9cfd9}</style>',
    `<rect class="paper" width="${width}" height="${whole}" rx="8"/>`,
    text(
      MARGIN,
      22,
      `Phase ${phase}, ${process}: the width of a function is its share of the CPU time, and below it is the one it calls`,
    ),
    `<g class="frames" transform="translate(${MARGIN},${HEADING})">`,
    ...boxes,
    '</g>',
    ...(['ours', 'package', 'node'] as const).map(
      (kind, at) =>
        `<rect class="mark ${kind}" x="${MARGIN + at * 110}" y="${whole - 25}" width="12" height="12"/>${text(MARGIN + 18 + at * 110, whole - 14, LEGEND[kind])}`,
    ),
    text(MARGIN + 360, whole - 14, `Without what takes less than 2 %. The kept run, ${day}.`),
    '</svg>\n',
  ].join('\n');
}

const LEGEND = { ours: 'this shop', package: 'a package', node: 'Node' } as const;

const text = (x: number, y: number, words: string): string =>
  `<text x="${x}" y="${y}">${escaped(words)}</text>`;

import { rounded } from '../lab/analysis/bottleneck';
import { escaped } from '../lab/profile/flame-graph';
import type { Run } from '../lab/report/run';

const WIDTH = 760;
/** Room for the name of a resource. */
const NAMES = 250;
/** Room for a rate behind its bar. */
const RATES = 96;
const ROW = 24;
const HEADING = 34;
const TOP = 40;
/** Resources of a phase that have a bar: the first ones to be used up. */
const SHOWN = 3;

type Measured = Run['phases'][number];

/**
 * The first resources that some phases use up on their fleets, and at which rate: an SVG document, the same for the same
 * phases of a run.
 */
export function limitsChart(phases: readonly Measured[], day: string): string {
  const most = Math.max(...phases.flatMap(({ limits }) => limits.slice(0, SHOWN).map(({ rate }) => rate)));
  const parts: string[] = [];
  let y = TOP;
  for (const { phase, title, limits } of phases) {
    parts.push(text({ x: 16, y: y + 18, words: `Phase ${phase}: ${title}`, as: 'strong' }));
    y += HEADING;
    for (const [at, { name, rate }] of limits.slice(0, SHOWN).entries()) {
      const width = Math.max(2, Math.round(((WIDTH - NAMES - RATES) * rate) / most));
      parts.push(
        text({ x: NAMES - 8, y: y + 15, words: name.replace(/^the /, ''), as: 'end' }),
        `<rect class="${at === 0 ? 'first' : 'later'}" x="${NAMES}" y="${y + 3}" width="${width}" height="${ROW - 7}"/>`,
        text({ x: NAMES + width + 8, y: y + 15, words: `${rounded(rate)}/s` }),
      );
      y += ROW;
    }
    y += 8;
  }
  const label = `Requests a second at which the resources of ${phases.map(({ phase }) => `phase ${phase}`).join(' and ')} are used up`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 30}" width="${WIDTH}" height="${y + 30}" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13" role="img" aria-label="${escaped(label)}">`,
    '<style>text{fill:#1f2933}.strong{font-weight:600}.end{text-anchor:end}.soft{fill:#52606d}.paper{fill:#f7f9fc}.first{fill:#b44d12}.later{fill:#7b9cc0}</style>',
    `<rect class="paper" width="${WIDTH}" height="${y + 30}" rx="8"/>`,
    text({ x: 16, y: 26, words: 'Requests a second at which each is used up, on the fleet of the phase' }),
    ...parts,
    text({ x: 16, y: y + 14, words: `The first to be used up is dark. The kept run, ${day}.`, as: 'soft' }),
    '</svg>\n',
  ].join('\n');
}

interface Words {
  readonly x: number;
  readonly y: number;
  readonly words: string;
  readonly as?: 'strong' | 'end' | 'soft';
}

const text = ({ x, y, words, as }: Words): string =>
  `<text${as ? ` class="${as}"` : ''} x="${x}" y="${y}">${escaped(words)}</text>`;

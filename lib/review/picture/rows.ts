import type { Flow, Model, Part } from './model';
import { badgeOf, type News } from './news';
import { font, lineWidth, network, region, sheet, textWidth, titleWidth, wrap } from './sheet';

/** A part with its place from left to right; the way down is known when the arrows are. */
export interface Placed {
  readonly part: Part;
  readonly x: number;
  readonly width: number;
  readonly height: number;
  /** Broken where the box is too narrow for them. */
  readonly title: readonly string[];
  readonly lines: readonly string[];
}

/** Parts beside each other. */
export interface Row {
  readonly placed: readonly Placed[];
  /** In which arrows may pass between the parts. */
  readonly left: number;
  readonly right: number;
  /** Gaps between neighbours with an arrow from one to the other: from x to x. */
  readonly closed: readonly (readonly [number, number])[];
  /** The name of its tier; '' above the network. */
  readonly tier: string;
}

export interface Rows {
  readonly rows: readonly Row[];
  /** AWS outside of the network: one below the other. */
  readonly region: readonly Placed[];
}

export const PADDING = 10;
const TITLE = 19;
const LINE = 16;
export const ZONES = 22;
/** The width of the word in the corner of a part, with the space before it. */
export const BADGES = { new: 34, changed: 64, '': 0 } as const;

const top = { left: 110, right: sheet.width - sheet.margin };
/** Without the strips in which the names of the network and of the tier stand. */
const inTier = { left: network.left + 52, right: network.right - 24 };

/** Room at the right of a row that is full, for an arrow that passes it. */
const BESIDE = 12;

/** Rows from the people down to the data, and the column beside the network. Arrows say how wide the gaps must be. */
export function rowsOf({ parts, flows, tiers }: Model, news: News): Rows {
  const badge = (part: Part) => BADGES[badgeOf(part, news)];
  const inBand = (band: Part['band']) => parts.filter((part) => part.band === band);
  const between = (one: Part, other: Part) =>
    flows.find(({ from, to }) => [one.key, other.key].every((key) => key === from || key === to));
  const gap = (one: Part, other: Part) => {
    if (one.band === 'ways') return 12;
    const arrow = between(one, other);
    return arrow ? Math.max(36, textWidth(arrow.label, font.label) + 24) : 26;
  };
  const row = (all: readonly Part[], bounds: { left: number; right: number }, tier: string): Row[] => {
    const placed = beside(all, bounds, { gap, badge });
    const closed = placed.slice(1).flatMap((other, index) => {
      const one = placed[index];
      return one && between(one.part, other.part) ? [[one.x, other.x] as const] : [];
    });
    return all.length > 0 ? [{ placed, closed, left: bounds.left, right: bounds.right + BESIDE, tier }] : [];
  };
  const inner = tiers.flatMap(({ name }) => {
    const own = parts.filter(({ band }) => typeof band === 'object' && band.tier === name);
    const ranks = [...new Set(own.map(({ rank }) => rank))].sort((one, other) => one - other);
    return ranks.flatMap((rank) =>
      row(
        own.filter((part) => part.rank === rank),
        inTier,
        name,
      ),
    );
  });
  return {
    rows: [
      ...row(inBand('people'), top, ''),
      ...row(inBand('edge'), top, ''),
      ...inner,
      ...row(inBand('ways'), inTier, 'ways'),
    ],
    region: arrowsFirst(inBand('region'), flows).map((part) =>
      sized(part, badge(part), { x: region.left + 10, width: region.right - region.left - 20 }),
    ),
  };
}

/** What arrows lead to stands where they come in. */
function arrowsFirst(parts: readonly Part[], flows: readonly Flow[]): Part[] {
  const isReached = ({ key }: Part) => flows.some(({ from, to }) => key === from || key === to);
  return [...parts.filter(isReached), ...parts.filter((part) => !isReached(part))];
}

/** As wide as what they say, within what there is; in the middle. */
function beside(
  parts: readonly Part[],
  { left, right }: { left: number; right: number },
  { gap, badge }: { gap: (one: Part, other: Part) => number; badge: (part: Part) => number },
): Placed[] {
  const gaps = parts.slice(1).map((part, index) => gap(parts[index] as Part, part));
  const between = gaps.reduce((sum, each) => sum + each, 0);
  const widths = shared(parts, badge, right - left - between);
  const total = widths.reduce((sum, each) => sum + each, between);
  let x = Math.round((left + right - total) / 2);
  return parts.map((part, index) => {
    const placed = sized(part, badge(part), { x, width: Math.ceil(widths[index] ?? 0) });
    x += placed.width + Math.round(gaps[index] ?? 0);
    return placed;
  });
}

/** Wide enough for every line where there is room; else what is left after the titles, in proportion. */
function shared(parts: readonly Part[], badge: (part: Part) => number, room: number): number[] {
  const least = parts.map((part) => {
    const title = wrap(part.title, SHORT_TITLE, titleWidth).map(titleWidth);
    return Math.max(...title) + badge(part) + 2 * PADDING;
  });
  const wanted = parts.map((part, index) =>
    Math.max(least[index] ?? 0, Math.min(WIDEST, naturalWidth(part, badge(part)))),
  );
  const sum = (widths: readonly number[]) => widths.reduce((all, each) => all + each, 0);
  const share = Math.min(1, (room - sum(least)) / Math.max(1, sum(wanted) - sum(least)));
  return least.map((width, index) => width + ((wanted[index] ?? width) - width) * share);
}

const WIDEST = 360;
/** A longer title may be broken where there is not enough room. */
const SHORT_TITLE = 175;

/** Without line breaks, and with room for a badge beside the title. */
function naturalWidth({ title, lines, zones = [] }: Part, badge: number): number {
  const widestZone = Math.max(0, ...zones.map((zone) => textWidth(zone, font.label)));
  const longest = Math.max(
    titleWidth(title) + badge,
    ...lines.map(lineWidth),
    zones.length * (widestZone + 8),
  );
  return longest + 2 * PADDING;
}

function sized(part: Part, badge: number, { x, width }: { x: number; width: number }): Placed {
  const inside = width - 2 * PADDING;
  const title = wrap(part.title, inside - badge, titleWidth);
  const lines = part.lines.flatMap((line) => wrap(line, inside));
  const height =
    PADDING + title.length * TITLE + lines.length * LINE + (part.zones?.length ? ZONES + 4 : 0) + PADDING - 4;
  return { part, x, width, height, title, lines };
}

/** The baseline of a line of the title, or of what is below it, from the top of the box. */
export function baseline({ title }: Placed, of: 'title' | 'lines', index: number): number {
  return of === 'title' ? PADDING + 12 + index * TITLE : PADDING + title.length * TITLE + 12 + index * LINE;
}

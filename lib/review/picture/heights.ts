import type { Placed, Row, Rows } from './rows';
import { LANE } from './sheet';
import { lanesIn, type Way } from './ways';

/** Where everything is from the top to the bottom of the paper. */
export interface Heights {
  /** The top and bottom of each row. */
  readonly rows: readonly Span[];
  /** The frame of each tier, of the ways out too, by name. */
  readonly tiers: ReadonlyMap<string, Span>;
  readonly network: Span;
  /** The frame of AWS outside of the network, and the top of each part in it. */
  readonly region: Span;
  readonly beside: ReadonlyMap<string, number>;
  readonly bottom: number;
}

export interface Span {
  readonly top: number;
  readonly bottom: number;
}

/** Under a row, for what goes out, and above the next, for the heads and ports of what comes in. */
export const LEAVING = 22;
export const ARRIVING = 27;
/** Between a frame and what is in it. */
const FRAME = 10;
const REGION_TITLE = 52;

export function heightsOf({ rows, region }: Rows, ways: readonly Way[], start: number): Heights {
  const spans: Span[] = [];
  let y = start;
  for (const [index, row] of rows.entries()) {
    const bottom = y + Math.max(...row.placed.map(({ height }) => height));
    spans.push({ top: y, bottom });
    y = bottom + LEAVING + LANE * lanesIn(ways, index) + ARRIVING + between(row, rows[index + 1]);
  }
  const tiers = new Map<string, Span>();
  for (const [index, { tier }] of rows.entries()) {
    const { top, bottom } = spans[index] as Span;
    if (tier === '') continue;
    tiers.set(tier, { top: tiers.get(tier)?.top ?? top - ARRIVING, bottom: bottom + LEAVING - FRAME / 2 });
  }
  const frames = [...tiers.values()];
  const top = (frames[0]?.top ?? y) - FRAME;
  const beside = new Map<string, number>();
  let next = top + REGION_TITLE;
  for (const { part, height } of region) {
    beside.set(part.key, next);
    next += height + 14;
  }
  const inside = (frames.at(-1)?.bottom ?? y) + FRAME;
  const bottom = Math.max(inside, next);
  return {
    rows: spans,
    tiers,
    network: { top, bottom: inside },
    region: { top, bottom: next },
    beside,
    bottom,
  };
}

/** Room for the frames that lie between two rows. */
function between(row: Row, next: Row | undefined): number {
  if (row.tier === next?.tier) return 0;
  return row.tier === '' ? FRAME : FRAME / 2;
}

/** The top of a part in its row, in the middle of it. */
export function topOf({ height }: Placed, { top, bottom }: Span): number {
  return Math.round((top + bottom - height) / 2);
}

import { type Ends, type Place, portsOf } from './ends';
import type { Flow } from './model';
import type { Placed, Row, Rows } from './rows';
import { gutter, LANE } from './sheet';

/** A piece of an arrow that goes across between two rows; `lane` counts from above. */
interface Across {
  /** Of the row above. */
  readonly channel: number;
  readonly from: number;
  readonly to: number;
  lane: number;
}

/** How an arrow goes, from above to below; where that is in pixels is known when the channels are as high as they need. */
export type Way = { readonly flow: Flow; readonly upward: boolean } & (
  | { readonly kind: 'beside'; readonly from: Placed; readonly to: Placed; readonly row: number }
  | { readonly kind: 'down'; readonly across: readonly Across[]; readonly end: number }
  | {
      readonly kind: 'gutter';
      readonly across: readonly Across[];
      readonly target: Placed;
      readonly entry: number;
    }
  | { readonly kind: 'under'; readonly across: readonly Across[] }
  | {
      /** Between two parts beside the network: out into the gutter and in again. */
      readonly kind: 'loop';
      readonly from: Placed;
      readonly target: Placed;
      readonly lane: number;
      readonly entry: number;
    }
);

/** The way of each arrow between the boxes: never through one, never upon another arrow. */
export function waysOf(flows: readonly Flow[], rows: Rows): Way[] {
  const places = placesOf(rows);
  const ends = flows.flatMap((flow) => {
    const [from, to] = [places.get(flow.from), places.get(flow.to)];
    if (!from || !to) return [];
    const upward = from.row > to.row;
    return [{ flow, upward, upper: upward ? to : from, lower: upward ? from : to }];
  });
  const ports = portsOf(ends);
  const lastAbove = rows.rows.findLastIndex(({ tier }) => tier === '');
  const passed = rows.rows.map((): number[] => []);
  const lanes = gutterLanes(ends);
  const ways = ends.map(({ flow, upward, upper, lower }): Way => {
    const start = ports.at(flow, 'upper');
    if (upper.row === lower.row && Number.isFinite(upper.row)) {
      if (Math.abs(upper.index - lower.index) === 1) {
        return { flow, upward, kind: 'beside', from: upper.placed, to: lower.placed, row: upper.row };
      }
      return { flow, upward, kind: 'under', across: [across(upper.row, start, ports.at(flow, 'lower'))] };
    }
    const isBeside = lower.row === Number.POSITIVE_INFINITY;
    const lane = gutter.left + 8 + LANE * lanes.indexOf(flow);
    const entry = entryOf(flow, lanes);
    if (upper.row === lower.row) {
      return { flow, upward, kind: 'loop', from: upper.placed, target: lower.placed, lane, entry };
    }
    const last = isBeside ? Math.max(upper.row, lastAbove) : lower.row - 1;
    const goal = isBeside ? lane : ports.at(flow, 'lower');
    const pieces: Across[] = [];
    let x = start;
    for (let row = upper.row; row <= last; row++) {
      const next =
        row === last
          ? goal
          : passing(rows.rows.slice(row + 1, last + 1), { x, goal, taken: passed[row + 1] ?? [] });
      pieces.push(straightened(across(row, x, next), row === upper.row ? 'from' : 'to'));
      x = pieces.at(-1)?.to ?? next;
    }
    return isBeside
      ? { flow, upward, kind: 'gutter', across: pieces, target: lower.placed, entry }
      : { flow, upward, kind: 'down', across: pieces, end: lower.row };
  });
  giveLanes(ways.flatMap(piecesOf));
  return ways;
}

/** What goes farthest down is farthest left, so that no arrow of the gutter crosses another on its way in. */
function gutterLanes(ends: readonly Ends[]): Flow[] {
  return ends
    .filter(({ lower }) => lower.row === Number.POSITIVE_INFINITY)
    .sort((one, other) => other.lower.index - one.lower.index)
    .map(({ flow }) => flow);
}

/** Of the arrows that come to one part from the gutter, the rightmost is on top. */
function entryOf(flow: Flow, lanes: readonly Flow[]): number {
  return lanes.slice(lanes.indexOf(flow) + 1).filter(({ to }) => to === flow.to).length;
}

/** A jog that is narrower than a lane is none: the end of the arrow that may move does. */
function straightened(piece: Across, free: 'from' | 'to'): Across {
  if (Math.abs(piece.from - piece.to) >= LANE) return piece;
  return free === 'from' ? { ...piece, from: piece.to } : { ...piece, to: piece.from };
}

function across(channel: number, from: number, to: number): Across {
  return { channel, from, to, lane: 0 };
}

function placesOf({ rows, region }: Rows): Map<string, Place> {
  const inRows = rows.flatMap(({ placed }, row) => placed.map((one, index) => ({ placed: one, row, index })));
  const beside = region.map((one, index) => ({ placed: one, row: Number.POSITIVE_INFINITY, index }));
  return new Map([...inRows, ...beside].map((place) => [place.placed.part.key, place]));
}

/** The free place in the first of these rows that is nearest to the way, best in the next ones too; taken then. */
function passing(
  [row, ...next]: readonly Row[],
  { x, goal, taken }: { readonly x: number; readonly goal: number; readonly taken: number[] },
): number {
  if (!row) return goal;
  const free: number[] = [];
  for (let at = row.left; at <= row.right; at++) {
    if (isFree(row, at) && taken.every((other) => Math.abs(other - at) >= LANE)) free.push(at);
  }
  const detour = (at: number) =>
    Math.abs(at - x) + Math.abs(at - goal) / 2 + JOG * next.filter((one) => !isFree(one, at)).length;
  const best = free.reduce((one, other) => (detour(other) < detour(one) ? other : one), free[0] ?? row.right);
  taken.push(best);
  return best;
}

/** What a corner is worth in pixels of a longer way. */
const JOG = 60;

function isFree({ placed, closed }: Row, at: number): boolean {
  if (closed.some(([from, to]) => from <= at && at <= to)) return false;
  return placed.every(({ x, width }) => at <= x - 8 || at >= x + width + 8);
}

/** Pieces that would touch get lanes of their own; what goes far down to the right is turned first. */
function giveLanes(pieces: readonly Across[]): void {
  const bent = pieces.filter(({ from, to }) => from !== to);
  for (const channel of new Set(bent.map((piece) => piece.channel))) {
    const lanes: Across[][] = [];
    const here = bent.filter((piece) => piece.channel === channel);
    for (const piece of here.sort(byTurn)) {
      const lane = lanes.findIndex((others) => others.every((other) => !touch(piece, other)));
      piece.lane = lane === -1 ? lanes.length : lane;
      lanes[piece.lane] = [...(lanes[piece.lane] ?? []), piece];
    }
  }
}

/** To the right: the rightmost start first. To the left: the leftmost start first. So that their downward ends do not cross. */
function byTurn(one: Across, other: Across): number {
  const toRight = (piece: Across) => (piece.to > piece.from ? 0 : 1);
  if (toRight(one) !== toRight(other)) return toRight(one) - toRight(other);
  return toRight(one) === 0 ? other.from - one.from : one.from - other.from;
}

function touch(one: Across, other: Across): boolean {
  const [low, high] = [Math.min(one.from, one.to) - 6, Math.max(one.from, one.to) + 6];
  return Math.max(other.from, other.to) > low && Math.min(other.from, other.to) < high;
}

/** How many lanes a channel needs. */
export function lanesIn(ways: readonly Way[], channel: number): number {
  const bent = ways.flatMap(piecesOf).filter((one) => one.channel === channel && one.from !== one.to);
  return Math.max(0, ...bent.map(({ lane }) => lane + 1));
}

function piecesOf(way: Way): readonly Across[] {
  return 'across' in way ? way.across : [];
}

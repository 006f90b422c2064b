import type { Flow } from './model';
import type { Placed } from './rows';

/** Where a part is: which row, and which of it. */
export interface Place {
  readonly placed: Placed;
  /** Infinity for what is beside the network. */
  readonly row: number;
  readonly index: number;
}

/** An arrow's ends; what is beside the network counts as below all rows. */
export interface Ends {
  readonly flow: Flow;
  readonly upper: Place;
  readonly lower: Place;
}

/** Where arrows leave and enter boxes: side by side, in the order of where they lead, and straight where they can be. */
export function portsOf(all: readonly Ends[]): { at(flow: Flow, end: 'upper' | 'lower'): number } {
  const sides = new Map<string, { flow: Flow; end: 'upper' | 'lower'; placed: Placed; toward: number }[]>();
  for (const { flow, upper, lower } of all) {
    const isNeighbour = upper.row === lower.row && Math.abs(upper.index - lower.index) === 1;
    if (isNeighbour || !Number.isFinite(upper.row)) continue;
    const isUnder = upper.row === lower.row;
    const add = (end: 'upper' | 'lower', { placed }: Place, other: Placed) => {
      const side = `${placed.part.key} ${end === 'upper' || isUnder ? 'bottom' : 'top'}`;
      sides.set(side, [...(sides.get(side) ?? []), { flow, end, placed, toward: other.x + other.width / 2 }]);
    };
    add('upper', upper, lower.placed);
    if (Number.isFinite(lower.row)) add('lower', lower, upper.placed);
  }
  const at = new Map<string, number>();
  const id = (flow: Flow, end: string) => `${flow.from} > ${flow.to} ${end}`;
  for (const ports of sides.values()) {
    ports.sort((one, other) => one.toward - other.toward);
    for (const [index, { flow, end, placed }] of ports.entries()) {
      at.set(id(flow, end), Math.round(placed.x + (placed.width * (index + 1)) / (ports.length + 1)));
    }
  }
  for (const ports of sides.values()) {
    const [only, ...more] = ports;
    if (!only || more.length > 0) continue;
    const other = at.get(id(only.flow, only.end === 'upper' ? 'lower' : 'upper'));
    const { x, width } = only.placed;
    if (other !== undefined && other > x + 14 && other < x + width - 14)
      at.set(id(only.flow, only.end), other);
  }
  return { at: (flow, end) => at.get(id(flow, end)) ?? 0 };
}

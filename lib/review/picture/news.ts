import type { Flow, Part } from './model';

/** What the phase before did not have: parts, zones of parts and arrows by id; and parts that it had otherwise. */
export interface News {
  readonly added: ReadonlySet<string>;
  readonly changed: ReadonlySet<string>;
}

export function flowId({ from, to }: Flow): string {
  return `${from} > ${to}`;
}

export function zoneId(part: string, zone: number): string {
  return `${part} zone ${zone}`;
}

/** The word in the corner of a part; '' when there is none. */
export function badgeOf({ key }: Part, { added, changed }: News): 'new' | 'changed' | '' {
  if (added.has(key)) return 'new';
  return changed.has(key) ? 'changed' : '';
}

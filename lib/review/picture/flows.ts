import type { Templates } from '../cloudformation';
import { connections } from './connections';
import type { Flow, Part } from './model';
import { relations } from './relations';

/** Who talks to whom, and what leads to, guards or holds what: one arrow each, with all that is said of it. */
export function flowsOf(templates: Templates, parts: readonly Part[]): Flow[] {
  const arrows = new Map<string, { readonly flow: Flow; readonly labels: Set<string> }>();
  for (const flow of [...relations(templates, parts), ...connections(templates, parts)]) {
    const id = `${flow.from} > ${flow.to}`;
    const arrow = arrows.get(id) ?? { flow, labels: new Set() };
    arrow.labels.add(flow.label);
    arrows.set(id, { ...arrow, flow });
  }
  return [...arrows.values()].map(({ flow, labels }) => ({
    ...flow,
    label: [...labels].sort(numerically).join(', '),
  }));
}

/** `80` before `443`, and both before words. */
function numerically(one: string, other: string): number {
  return Number.parseInt(one, 10) - Number.parseInt(other, 10) || (one < other ? -1 : 1);
}

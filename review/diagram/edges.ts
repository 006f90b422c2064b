import type { Templates } from '../cloudformation';
import { connections } from './connections';
import { type DiagramEdge, type DiagramNode, edgeId } from './model';
import { relations } from './relations';

/** Connections and relations, merged into one arrow per pair of nodes with all labels. */
export function edgesOf(templates: Templates, nodes: readonly DiagramNode[]): DiagramEdge[] {
  const merged = new Map<string, { readonly edge: DiagramEdge; readonly labels: Set<string> }>();
  for (const edge of [...relations(templates, nodes), ...connections(templates, nodes)]) {
    const labels = merged.get(edgeId(edge))?.labels ?? new Set();
    merged.set(edgeId(edge), { edge, labels: labels.add(edge.label) });
  }
  return [...merged.values()].map(({ edge, labels }) => ({
    ...edge,
    label: [...labels].sort(numerically).join(', '),
  }));
}

/** `80` before `443`, and both before words. */
function numerically(one: string, other: string): number {
  return Number.parseInt(one, 10) - Number.parseInt(other, 10) || (one < other ? -1 : 1);
}

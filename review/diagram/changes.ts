import { type Diagram, type DiagramNode, edgeId } from './model';

/** The differences from the previous phase: ids of additions, and keys of changed nodes. */
export interface Changes {
  /** Keys of nodes, ids of edges and of zones. */
  readonly added: ReadonlySet<string>;
  readonly changed: ReadonlySet<string>;
}

export function zoneId(node: string, zone: number): string {
  return `${node} zone ${zone}`;
}

/** The word in the corner of a node; '' when there is none. */
export function badgeOf({ key }: DiagramNode, { added, changed }: Changes): 'new' | 'changed' | '' {
  if (added.has(key)) return 'new';
  return changed.has(key) ? 'changed' : '';
}

/** Empty for the first phase. */
export function changesSince(previous: Diagram | undefined, { nodes, edges }: Diagram): Changes {
  if (!previous) return { added: new Set(), changed: new Set() };
  const knownNodes = new Map(previous.nodes.map((node) => [node.key, node]));
  const knownEdges = new Set(previous.edges.map(edgeId));
  const newZones = nodes.flatMap(({ key, zones = [] }) => {
    const before = knownNodes.get(key)?.zones ?? zones;
    return zones.flatMap((zone, index) =>
      zone !== '' && before[index] !== zone ? [zoneId(key, index)] : [],
    );
  });
  const content = ({ title, lines, zones }: DiagramNode) => JSON.stringify([title, lines, zones]);
  return {
    added: new Set([
      ...nodes.map(({ key }) => key).filter((key) => !knownNodes.has(key)),
      ...edges.map(edgeId).filter((id) => !knownEdges.has(id)),
      ...newZones,
    ]),
    changed: new Set(
      nodes.flatMap((node) => {
        const before = knownNodes.get(node.key);
        return before && content(before) !== content(node) ? [node.key] : [];
      }),
    ),
  };
}

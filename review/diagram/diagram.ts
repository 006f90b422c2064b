import type { Phase } from '../../lib/phases';
import type { Templates } from '../cloudformation';
import { changesSince } from './changes';
import { edgesOf } from './edges';
import { layout } from './elk-layout';
import { endpointUsers } from './endpoint-users';
import type { Diagram } from './model';
import { networkOf, nodesOf, tiersOf } from './nodes';
import { renderSvg } from './svg';

/** A phase, and the templates of the one before it if there is one. */
export interface DiagramInput extends Pick<Phase, 'number' | 'title' | 'users' | 'bottleneck'> {
  readonly templates: Templates;
  readonly previous: Templates | undefined;
}

/** The diagram of a phase, from its templates alone: an SVG document, the same for the same input. */
export async function phaseDiagram(phase: DiagramInput): Promise<string> {
  const diagram = diagramOf(phase.templates);
  const previous = phase.previous && diagramOf(phase.previous);
  const changes = changesSince(previous, diagram);
  const removed = (previous?.nodes ?? []).filter(({ key }) =>
    diagram.nodes.every((node) => node.key !== key),
  );
  return renderSvg(await layout(diagram, changes), changes, {
    title: `Phase ${phase.number}: ${phase.title}`,
    subtitle: `Users: ${phase.users}. The bottleneck that leads here: ${phase.bottleneck}.`,
    description: describe(diagram),
    notes: [
      'Numbers are ports. All other ports are closed. Dashed: not a connection, but a relation (leads to, checks or holds).',
      ...(previous
        ? ['“new” and thick lines: added in this phase. “changed”: different from the previous phase.']
        : []),
      ...(removed.length > 0 ? [`Removed: ${removed.map(({ title }) => title).join(', ')}.`] : []),
    ],
  });
}

/** The contents of the diagram of some templates. */
export function diagramOf(templates: Templates): Diagram {
  const nodes = nodesOf(templates);
  return {
    nodes: nodes.map((node) =>
      node.location === 'endpoints'
        ? { ...node, lines: [...node.lines, ...endpointUsers(node, templates)] }
        : node,
    ),
    edges: edgesOf(templates, nodes),
    tiers: tiersOf(templates),
    network: networkOf(templates),
  };
}

/** The diagram in sentences, for screen readers. */
function describe({ nodes, edges }: Diagram): string {
  const titleOf = (key: string) => nodes.find((node) => node.key === key)?.title ?? key;
  const boxes = nodes.map(({ title, lines, zones = [] }) => {
    const used = zones.filter((zone) => zone !== '').join(', ');
    return `${[title, ...lines].join(', ')}${used && ` (${used})`}.`;
  });
  const arrows = edges.map(
    ({ from, to, label }) => `${titleOf(from)} to ${titleOf(to)}${label && ` (${label})`}`,
  );
  return `${boxes.join(' ')} Arrows: ${arrows.join('; ')}.`;
}

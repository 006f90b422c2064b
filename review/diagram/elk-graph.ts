import type { ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs/lib/elk.bundled.js';
import { type BoxContent, boxContent } from './box-content';
import type { Changes } from './changes';
import { type Diagram, type DiagramEdge, type DiagramNode, edgeId, type Location } from './model';
import { labelWidth } from './text-metrics';

/** A node of ELK's graph: a box or, with a title, a compartment. ELK keeps unknown properties. */
export interface Graph extends ElkNode {
  readonly content?: BoxContent;
  readonly title?: string;
  children?: Graph[];
  edges?: GraphEdge[];
}

/** Without a diagram edge it is not drawn. */
export interface GraphEdge extends ElkExtendedEdge {
  readonly directed?: DirectedEdge;
}

interface DirectedEdge {
  readonly edge: DiagramEdge;
  /** Against the order of the compartments, and of the nodes in them. */
  readonly isUpward: boolean;
}

/** ELK's own distances are good; each level of the graph is in layers from above to below. */
const layered: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'org.eclipse.elk.json.shapeCoords': 'ROOT',
  'org.eclipse.elk.json.edgeCoords': 'ROOT',
};

export function elkGraph(diagram: Diagram, changes: Changes): Graph {
  const edges = directedEdges(diagram);
  const boxesIn = (location: Location) =>
    nodesIn(location, diagram).map((node): Graph => {
      const content = boxContent(node, changes);
      const width = Math.max(content.width, widthOfArrows(node.key, edges));
      return { id: node.key, content, width, height: content.height };
    });
  const isConnected = ({ id }: Graph) => diagram.edges.some(({ from, to }) => id === from || id === to);
  const region = boxesIn('region');
  const connected = region.filter(isConnected);
  const unconnected = packed(
    'unconnected',
    '',
    region.filter((box) => !isConnected(box)),
    200,
  );
  const network = [
    ...diagram.tiers.flatMap((tier) => compartment(`tier ${tier}`, `${tier} subnets`, boxesIn({ tier }))),
    ...packed('endpoints', 'ways out', boxesIn('endpoints'), 640),
  ];
  const edgeOfAws = compartment('edge', 'edge of AWS', boxesIn('edge'));
  const below = [
    ...compartment('network', diagram.network, network),
    ...compartment('region', 'AWS, outside of the network', [...connected, ...unconnected]),
  ];
  return {
    id: 'root',
    layoutOptions: layered,
    children: [...boxesIn('internet'), ...edgeOfAws, ...below],
    edges: [
      ...edgeOfAws.flatMap((upper) => below.map((lower) => order(upper, lower))),
      ...network.slice(1).map((lower, index) => order(network[index] ?? lower, lower)),
      ...connected.flatMap((upper) => unconnected.map((lower) => order(upper, lower))),
      ...edges.map(elkEdge),
    ],
  };
}

function nodesIn(location: Location, { nodes }: Diagram): DiagramNode[] {
  return nodes.filter((node) => JSON.stringify(node.location) === JSON.stringify(location));
}

function directedEdges(diagram: Diagram): DirectedEdge[] {
  const tiers = diagram.tiers.map((tier) => ({ tier }));
  const locations: Location[] = ['internet', 'edge', ...tiers, 'endpoints', 'region'];
  const keys = locations.flatMap((location) => nodesIn(location, diagram)).map(({ key }) => key);
  return diagram.edges.map((edge) => ({ edge, isUpward: keys.indexOf(edge.from) > keys.indexOf(edge.to) }));
}

/** ELK spreads arrows evenly over a side of a box; between two of them is the label at the head of one. */
function widthOfArrows(key: string, edges: readonly DirectedEdge[]): number {
  const sides = [true, false].map((isTop) => {
    const arrows = edges.filter(
      ({ edge: { from, to }, isUpward }) => (isUpward === isTop ? from : to) === key,
    );
    const labels = arrows.filter(({ edge }) => edge.to === key).map(({ edge }) => widthBeside(edge.label));
    return (arrows.length + 1) * (Math.max(...labels, 0) + 12);
  });
  return Math.ceil(Math.max(...sides));
}

/** A label keeps clear of the head of its arrow. */
export const labelIndent = 4;

function widthBeside(label: string): number {
  return Math.ceil(labelWidth(label)) + labelIndent;
}

/** Empty if the compartment would be. */
function compartment(id: string, title: string, children: Graph[], options: LayoutOptions = {}): Graph[] {
  if (children.length === 0) return [];
  const minimum = title === '' ? 0 : Math.ceil(labelWidth(title) + 30);
  const padding = title === '' ? '[]' : '[top=14,left=34,bottom=12,right=12]';
  const size: LayoutOptions = {
    'elk.padding': padding,
    'elk.nodeSize.constraints': 'MINIMUM_SIZE',
    'elk.nodeSize.minimum': `(0,${minimum})`,
  };
  return [{ id, title, children, layoutOptions: { ...size, ...options } }];
}

/** Boxes without arrows, equally wide, in rows of at most `lineWidth` pixels. */
function packed(id: string, title: string, boxes: Graph[], lineWidth: number): Graph[] {
  const width = Math.max(...boxes.map((box) => box.width ?? 0));
  const children = boxes.map((box) => ({ ...box, width }));
  return compartment(id, title, children, {
    'elk.algorithm': 'rectpacking',
    'elk.hierarchyHandling': 'SEPARATE_CHILDREN',
    'elk.spacing.nodeNode': '14',
    'elk.rectpacking.widthApproximation.strategy': 'TARGET_WIDTH',
    'elk.rectpacking.widthApproximation.targetWidth': `${lineWidth}`,
  });
}

/** An invisible edge, which orders compartments without an edge between them in layers. */
function order(upper: Graph, lower: Graph): GraphEdge {
  return { id: `${upper.id} above ${lower.id}`, sources: [upper.id], targets: [lower.id] };
}

/** The graph for ELK has no cycles, since ELK would choose the arrow of a cycle that points up. */
function elkEdge(directed: DirectedEdge): GraphEdge {
  const { edge, isUpward } = directed;
  const [upper, lower] = isUpward ? [edge.to, edge.from] : [edge.from, edge.to];
  const layoutOptions = { 'elk.edgeLabels.placement': isUpward ? 'TAIL' : 'HEAD' };
  const label = { text: edge.label, width: widthBeside(edge.label), height: 14, layoutOptions };
  const labels = edge.label === '' ? [] : [label];
  return { id: edgeId(edge), sources: [upper], targets: [lower], labels, directed };
}

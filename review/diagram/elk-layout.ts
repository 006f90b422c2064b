import ELK, { type ElkPoint, type ElkShape } from 'elkjs/lib/elk.bundled.js';
import type { BoxContent } from './box-content';
import type { Changes } from './changes';
import { elkGraph, type Graph, type GraphEdge } from './elk-graph';
import type { Diagram, DiagramEdge } from './model';

export type Point = readonly [x: number, y: number];

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Compartment extends Rectangle {
  readonly title: string;
  readonly isNested: boolean;
}

export interface Box extends Rectangle {
  readonly content: BoxContent;
}

export interface Arrow {
  readonly edge: DiagramEdge;
  readonly points: readonly Point[];
  readonly label: Rectangle | undefined;
}

/** A diagram with coordinates, in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** An outer one comes before those that it contains. */
  readonly compartments: readonly Compartment[];
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

export async function layout(diagram: Diagram, changes: Changes): Promise<Layout> {
  const root: Graph = await new ELK().layout(elkGraph(diagram, changes));
  const shapes = descendants(root, false);
  const { width, height } = rectangle(root);
  return {
    width,
    height,
    compartments: shapes.flatMap(({ graph, isNested }) =>
      graph.title ? [{ ...rectangle(graph), title: graph.title, isNested }] : [],
    ),
    boxes: shapes.flatMap(({ graph }) =>
      graph.content ? [{ ...rectangle(graph), content: graph.content }] : [],
    ),
    arrows: (root.edges ?? []).flatMap(arrowOf),
  };
}

function descendants(graph: Graph, isNested: boolean): { graph: Graph; isNested: boolean }[] {
  return (graph.children ?? []).flatMap((child) => [{ graph: child, isNested }, ...descendants(child, true)]);
}

function arrowOf({ directed, sections = [], labels = [] }: GraphEdge): Arrow[] {
  if (!directed) return [];
  const points = sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
    straightened([startPoint, ...bendPoints, endPoint]),
  );
  const [label] = labels;
  return [
    {
      edge: directed.edge,
      points: directed.isUpward ? points.reverse() : points,
      label: label && rectangle(label),
    },
  ];
}

/** ELK rounds the coordinates where an edge enters a compartment: a jog of a pixel or two is none. */
function straightened(points: readonly ElkPoint[]): Point[] {
  const near = (value: number, before = value) => (Math.abs(value - before) < 3 ? before : value);
  let previous: ElkPoint | undefined;
  return points.map(({ x, y }) => {
    previous = { x: near(x, previous?.x), y: near(y, previous?.y) };
    return [Math.round(previous.x), Math.round(previous.y)];
  });
}

/** Whole pixels: the same file on every machine. */
function rectangle({ x = 0, y = 0, width = 0, height = 0 }: ElkShape): Rectangle {
  return { x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
}

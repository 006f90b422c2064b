import fc from 'fast-check';
import { layout } from '../../../review/diagram/elk-layout';
import { edgeId } from '../../../review/diagram/model';
import { problemsIn } from './geometry';
import { grownDiagram } from './grown-diagram';
import { randomDiagrams } from './random-diagrams';

const none = { added: new Set<string>(), changed: new Set<string>() };

test('lays out three times as many boxes as phase 3 with nothing over or through anything else', async () => {
  expect(problemsIn(await layout(grownDiagram, none))).toEqual([]);
});

test('lays out any diagram with nothing over or through anything else', async () => {
  const property = fc.asyncProperty(randomDiagrams, async (diagram) => {
    expect(problemsIn(await layout(diagram, none))).toEqual([]);
  });
  await fc.assert(property, { numRuns: 30, seed: 1, endOnFailure: true });
});

test('every node has a box and every edge an arrow', async () => {
  const { boxes, arrows } = await layout(grownDiagram, none);
  const keys = grownDiagram.nodes.map(({ key }) => key);
  expect(boxes.map(({ content }) => content.node.key).sort()).toEqual(keys.sort());
  expect(arrows.map(({ edge }) => edge)).toEqual(grownDiagram.edges);
});

test('boxes are in the compartment of their location, tiers in that of the network, from the way in downwards', async () => {
  const { boxes, compartments } = await layout(grownDiagram, none);
  const around = (key: string) => {
    const box = boxes.find(({ content }) => content.node.key === key);
    return compartments
      .filter(({ x, y, width, height }) => {
        return (
          box && x < box.x && y < box.y && box.x + box.width < x + width && box.y + box.height < y + height
        );
      })
      .map(({ title }) => title);
  };
  expect(around('browsers')).toEqual([]);
  expect(around('cdn')).toEqual(['edge of AWS']);
  expect(around('cache')).toEqual(['VPC 10.0.0.0/16', 'data subnets']);
  expect(around('SQS')).toEqual(['VPC 10.0.0.0/16', 'ways out']);
  expect(around('queue')).toEqual(['AWS, outside of the network']);
  const nested = compartments.filter(({ isNested }) => isNested).sort((one, other) => one.y - other.y);
  expect(nested.map(({ title }) => title)).toEqual([
    'web subnets',
    'app subnets',
    'data subnets',
    'ways out',
  ]);
});

test('an arrow points up only against the order of the nodes', async () => {
  const { arrows } = await layout(grownDiagram, none);
  const upward = arrows.filter(({ points }) => (points[0]?.[1] ?? 0) > (points.at(-1)?.[1] ?? 0));
  expect(upward.map(({ edge }) => edgeId(edge))).toEqual([
    'users write servers > inventory balancer',
    'inventory read servers > users balancer',
    'inventory write servers > users balancer',
    'thumbnails > media',
  ]);
});

test('the same diagram has the same layout each time', async () => {
  expect(await layout(grownDiagram, none)).toEqual(await layout(grownDiagram, none));
});

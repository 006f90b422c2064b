import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../../lib/phases';
import type { Templates } from '../../review/cloudformation';
import { changesSince } from '../../review/diagram/changes';
import { diagramOf, phaseDiagram } from '../../review/diagram/diagram';
import { layout } from '../../review/diagram/elk-layout';
import { isThere } from '../../review/diagram/nodes';
import { phaseTemplates } from '../../review/diagram/phase-templates';
import { resourceKinds } from '../../review/diagram/resource-kinds';
import { problemsIn } from '../review/diagram/geometry';

const folder = join(__dirname, '../../docs/pictures');
const templates = phases.map(phaseTemplates);
const pictured = phases.map((phase, index) => ({
  phase,
  templates: templates[index] as Templates,
  previous: templates[index - 1],
}));

describe.each(pictured)('docs/pictures/phase-$phase.number.svg', ({ phase, templates: is, previous }) => {
  test('is what the templates draw', async () => {
    const file = readFileSync(join(folder, `phase-${phase.number}.svg`), 'utf8');
    const isStale = file !== (await phaseDiagram({ ...phase, templates: is, previous }));
    expect(isStale ? 'stale: run `npm run pictures`, look at it, and commit it' : 'up to date').toBe(
      'up to date',
    );
  });

  test('shows everything of the templates that a picture shows, once', () => {
    const all = Object.entries(is).flatMap(([stack, { Resources = {} }]) =>
      Object.entries(Resources).flatMap(([logicalId, resource]) =>
        resourceKinds[resource.Type] && isThere({ stack, logicalId, resource })
          ? [`${stack}/${logicalId}`]
          : [],
      ),
    );
    expect(
      diagramOf(is)
        .nodes.flatMap(({ resources }) => resources)
        .sort(),
    ).toEqual(all.sort());
  });

  test('can be read: no box or text is over another, no arrow runs through one or along another arrow', async () => {
    const diagram = diagramOf(is);
    const changes = changesSince(previous && diagramOf(previous), diagram);
    expect(problemsIn(await layout(diagram, changes))).toEqual([]);
  });
});

test('there is a picture of each phase, and no other', () => {
  expect(readdirSync(folder).sort()).toEqual(phases.map(({ number }) => `phase-${number}.svg`).sort());
});

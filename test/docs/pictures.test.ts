import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../../lib/phases';
import type { Templates } from '../../lib/review/cloudformation';
import { kinds } from '../../lib/review/picture/kinds';
import { layoutOf } from '../../lib/review/picture/layout';
import { modelOf, newsOf, picture } from '../../lib/review/picture/picture';
import { picturedTemplates } from '../../lib/review/picture/pictured-templates';
import { faultsOf } from '../lib/review/picture/geometry';

const folder = join(__dirname, '../../docs/pictures');
const templates = phases.map(picturedTemplates);
const pictured = phases.map((phase, index) => ({
  phase,
  templates: templates[index] as Templates,
  before: templates[index - 1],
}));

describe.each(pictured)('docs/pictures/phase-$phase.number.svg', ({ phase, templates: is, before }) => {
  test('is what the templates draw', () => {
    const file = readFileSync(join(folder, `phase-${phase.number}.svg`), 'utf8');
    const isStale = file !== picture({ ...phase, templates: is, before });
    expect(isStale ? 'stale: run `npm run pictures`, look at it, and commit it' : 'up to date').toBe(
      'up to date',
    );
  });

  test('shows everything of the templates that a picture shows, once', () => {
    const all = Object.entries(is).flatMap(([stack, { Resources = {} }]) =>
      Object.entries(Resources).flatMap(([id, { Type }]) => (kinds[Type] ? [`${stack}/${id}`] : [])),
    );
    expect(
      modelOf(is)
        .parts.flatMap(({ members }) => members)
        .sort(),
    ).toEqual(all.sort());
  });

  test('can be read: no box is over another, no arrow runs through a box or along another', () => {
    const model = modelOf(is);
    expect(faultsOf(layoutOf(model, newsOf(model, before && modelOf(before)), 100))).toEqual([]);
  });
});

test('there is a picture of each phase, and no other', () => {
  expect(readdirSync(folder).sort()).toEqual(phases.map(({ number }) => `phase-${number}.svg`).sort());
});

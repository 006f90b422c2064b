import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../lib/phases';
import { picture } from '../lib/review/picture/picture';
import { picturedTemplates } from '../lib/review/picture/pictured-templates';

// docs/pictures: what each phase is, drawn from its templates. No account, no network.
const folder = join(__dirname, '../docs/pictures');
mkdirSync(folder, { recursive: true });
const all = phases.map(picturedTemplates);
for (const [index, phase] of phases.entries()) {
  const file = join(folder, `phase-${phase.number}.svg`);
  writeFileSync(file, picture({ ...phase, templates: all[index] ?? {}, before: all[index - 1] }));
  console.log(`docs/pictures/phase-${phase.number}.svg`);
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../lib/phases';
import { phaseDiagram } from '../review/diagram/diagram';
import { phaseTemplates } from '../review/diagram/phase-templates';

// Draws docs/pictures, a diagram of each phase from its templates. Needs no account and no network.
async function main(): Promise<void> {
  const folder = join(__dirname, '../docs/pictures');
  mkdirSync(folder, { recursive: true });
  const all = phases.map(phaseTemplates);
  for (const [index, phase] of phases.entries()) {
    const file = join(folder, `phase-${phase.number}.svg`);
    writeFileSync(
      file,
      await phaseDiagram({ ...phase, templates: all[index] ?? {}, previous: all[index - 1] }),
    );
    console.log(`docs/pictures/phase-${phase.number}.svg`);
  }
}

void main();

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { updateGuide } from '../guide/figures';
import { keptRun } from '../lab/report/run';
import { phases } from '../lib/phases';
import { ROOT } from '../lib/root';
import { phaseDiagram } from '../review/diagram/diagram';
import { phaseTemplates } from '../review/diagram/phase-templates';

// Draws docs/pictures, a diagram of each phase from its templates, and the charts of docs/guide from the kept run of the lab.
// Needs no account and no network.

async function main(): Promise<void> {
  const folder = join(ROOT, 'docs/pictures');
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
  for (const file of updateGuide(keptRun())) console.log(relative(ROOT, file));
}

void main();

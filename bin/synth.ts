import { rmSync } from 'node:fs';
import { styleText } from 'node:util';
import { type Phase, phases } from '../lib/phases';
import { type PhaseRow, phaseTable } from '../review/phase-table';
import { synthesisOf } from '../review/synthesis';
import { synthesizePhase } from '../review/synthesize';

const USAGE = `npm run synth   prints what each phase adds; templates are in cdk.out/phase-N.
                Needs no account, no credentials and no network.
                npx cdk synth Shop-Data -c phase=2 prints one template.`;

refuseArguments(process.argv.slice(2));
const rungs = phases.map(synthesize);
console.log(`\n${phaseTable(rungs)}\nTemplates: ${phases.map(folder).join(', ')}`);

function synthesize(phase: Phase): PhaseRow {
  const started = performance.now();
  process.stderr.write(`Phase ${phase.number} (${phase.title}) `);
  rmSync(folder(phase), { recursive: true, force: true });
  try {
    const { templates } = synthesisOf(synthesizePhase(phase, { outdir: folder(phase), checked: true }));
    say('green', `${((performance.now() - started) / 1000).toFixed(1)} s`);
    return { ...phase, templates };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say('red', `failed\nPhase ${phase.number} does not synthesize: ${reason}`);
    process.exit(1);
  }
}

function say(color: 'green' | 'red', text: string): void {
  console.error(process.stderr.isTTY && !process.env.NO_COLOR ? styleText(color, text) : text);
}

function folder({ number }: Phase): string {
  return `cdk.out/phase-${number}`;
}

/** There are none but --help. */
function refuseArguments(given: readonly string[]): void {
  if (given.length === 0) return;
  const isHelp = given.every((one) => one === '--help');
  console.error(
    isHelp ? USAGE : `npm run synth takes no arguments, and was given: ${given.join(' ')}\n\n${USAGE}`,
  );
  process.exit(isHelp ? 0 : 2);
}

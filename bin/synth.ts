import { rmSync } from 'node:fs';
import { styleText } from 'node:util';
import { type Phase, phases } from '../lib/phases';
import { growthTable, type Rung } from '../lib/review/growth';
import { synthesisOf } from '../lib/review/synthesis';
import { synthesizePhase } from '../lib/review/synthesize';

// Every phase there is, each as `cdk synth -c phase=N` would do it, and what each adds. No account, no network.
const rungs = phases.map(synthesize);
console.log(`\n${growthTable(rungs)}\nTemplates: ${phases.map(folder).join(', ')}`);

function synthesize(phase: Phase): Rung {
  const started = performance.now();
  process.stderr.write(`Phase ${phase.number} (${phase.title}) `);
  rmSync(folder(phase), { recursive: true, force: true });
  try {
    const { templates } = synthesisOf(synthesizePhase(phase, folder(phase)));
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

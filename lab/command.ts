import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Phase, phaseNumbered, phases } from '../lib/phases';
import { FULL, QUICK } from './effort';
import type { Fault } from './faults/fault';
import { FAULTS, faultNamed } from './faults/faults';
import { type FaultResult, runFault } from './faults/run-fault';
import { page } from './report/page';
import { keepRun, keptRun, METHOD, type Run, thisMachine, toJson } from './report/run';
import { simulationPage } from './report/simulation-page';
import { updateScaling } from './report/simulation-tables';
import { simulationSummary } from './report/simulation-text';
import { updateDocuments } from './report/tables';
import { summary } from './report/text';
import { type PhaseResult, runPhase } from './run-phase';
import { SCENARIOS, type Scenario, scenarioNamed } from './scenarios/scenarios';

export class UsageError extends Error {
  override name = 'UsageError';
}

export interface LabOptions {
  readonly phase?: readonly string[];
  readonly scenario: string;
  readonly fault: readonly string[];
  readonly quick: boolean;
  readonly keep: boolean;
  readonly simulate: boolean;
  readonly compare?: string;
  readonly out: string;
}

const SEED = 20_261_126;

/** Runs the wanted measurements, prints progress, and writes the report. @throws UsageError */
export async function lab(options: LabOptions): Promise<void> {
  if (options.simulate) return simulateScaling(options);
  if (process.platform !== 'linux') throw new UsageError('The lab reads /proc, so it runs only on Linux');
  const scenario = scenarioOf(options.scenario);
  const faults = options.fault.map(faultOf);
  const wanted = options.phase ? options.phase.map(phaseOf) : options.quick ? [phaseOf('3')] : phases;
  const say = progress();
  if (options.compare !== undefined) {
    const { compareRevisions } = await import('./compare/revisions');
    const [phase] = wanted;
    if (phase) await compareRevisions({ revision: options.compare, phase, scenario, seed: SEED, say });
    return;
  }
  const run = await measured({ wanted, scenario, faults, quick: options.quick, say });
  mkdirSync(options.out, { recursive: true });
  writeFileSync(join(options.out, 'index.html'), page(run));
  writeFileSync(join(options.out, 'run.json'), toJson(run));
  if (options.keep) {
    keepRun(run);
    updateDocuments(keptRun());
  }
  process.stdout.write(`\n${summary(run)}\nThe report: ${join(options.out, 'index.html')}\n`);
  if (isWrong(run)) throw new Error('Answers or rows were wrong: see above');
}

/** Simulates the groups that scale. It runs anywhere, since it measures nothing. */
function simulateScaling({ keep, out }: Pick<LabOptions, 'keep' | 'out'>): void {
  mkdirSync(out, { recursive: true });
  const path = join(out, 'scaling.html');
  writeFileSync(path, simulationPage());
  if (keep) updateScaling();
  process.stdout.write(`${simulationSummary()}\nThe report: ${path}\n`);
}

interface Wanted {
  readonly wanted: readonly Phase[];
  readonly scenario: Scenario;
  readonly faults: readonly Fault[];
  readonly quick: boolean;
  readonly say: (line: string) => void;
}

async function measured({ wanted, scenario, faults, quick, say }: Wanted): Promise<Run> {
  const date = new Date().toISOString();
  const effort = quick ? QUICK : FULL;
  const [results, faultResults]: [PhaseResult[], FaultResult[]] = [[], []];
  for (const phase of wanted) {
    if (faults.length === 0) results.push(await runPhase({ phase, scenario, effort, seed: SEED, say }));
    for (const fault of faults) {
      if (fault.since > phase.number) say(`Phase ${phase.number} is not designed to survive ${fault.name}`);
      else faultResults.push(await runFault({ phase, fault, products: QUICK.products, seed: SEED, say }));
    }
  }
  return {
    ...{ date, machine: thisMachine(), method: METHOD, effort: quick ? 'quick' : 'full' },
    phases: results,
    faults: faultResults,
  };
}

/** A fast wrong answer is an error. */
const isWrong = ({ phases: results, faults = [] }: Run): boolean =>
  [...results, ...faults].some(({ wrongRows }) => wrongRows.length > 0) ||
  results.some(({ wrongAnswers }) => Object.keys(wrongAnswers).length > 0);

/** Prints lines with the time since the start. */
function progress(): (line: string) => void {
  const start = performance.now();
  return (line) =>
    process.stderr.write(`${((performance.now() - start) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);
}

function phaseOf(given: string): Phase {
  const phase = phaseNumbered(Number(given));
  if (!phase)
    throw new UsageError(
      `--phase must be one of ${phases.map(({ number }) => number).join(', ')}, not "${given}".`,
    );
  return phase;
}

function scenarioOf(given: string): Scenario {
  const scenario = scenarioNamed(given);
  if (!scenario)
    throw new UsageError(
      `--scenario must be one of ${SCENARIOS.map(({ name }) => name).join(', ')}, not "${given}".`,
    );
  return scenario;
}

function faultOf(given: string): Fault {
  const fault = faultNamed(given);
  if (!fault)
    throw new UsageError(
      `--fault must be one of ${FAULTS.map(({ name }) => name).join(', ')}, not "${given}".`,
    );
  return fault;
}

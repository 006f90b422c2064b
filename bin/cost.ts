import { parseArgs } from 'node:util';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { assembliesText } from '../lab/capacity/assemblies';
import { updateDocuments } from '../lab/capacity/documents';
import { InputError, numberOf, phaseNumber } from '../lab/capacity/options';
import { phaseBill, stepBills, usersOf } from '../lab/capacity/phase-bill';
import { runCommand } from '../lab/capacity/run-command';
import { templatesOfPhases } from '../lab/capacity/templates';
import { planningRun } from '../lab/report/run';
import { type Phase, phases } from '../lib/phases';
import { totalsOf } from '../review/cost/bill';
import { billDifference, differenceText } from '../review/cost/difference';
import { billText } from '../review/cost/text';
import { synthesisOf } from '../review/synthesis';

const USAGE = `npm run cost -- --phase 3        the bill of a phase, from its templates
  --diff <phase>                what the step to a phase changes in it
  --users <number>              default: those with which the phase begins
  --base <dir> --head <dir>     of two cloud assemblies, for the comment on a pull request
  --json                        every line as JSON
  --keep                        update the tables of docs/plan.md and docs/deploy.md`;

void runCommand(USAGE, () => {
  const { values } = parseArgs({
    options: {
      ...{ phase: { type: 'string' }, diff: { type: 'string' }, users: { type: 'string' } },
      ...{ base: { type: 'string' }, head: { type: 'string' } },
      ...{ json: { type: 'boolean' }, keep: { type: 'boolean' }, help: { type: 'boolean' } },
    },
  });
  const templatesOf = templatesOfPhases();
  if (values.help) return USAGE;
  if (values.keep) {
    updateDocuments(templatesOf);
    return '';
  }
  if (values.diff !== undefined) return step(phaseOf('diff', values.diff));
  if (values.phase !== undefined) return bill(phaseOf('phase', values.phase));
  if (values.base !== undefined && values.head !== undefined) return compared(values.base, values.head);
  throw new InputError('Nothing is asked for; expected --phase, --diff, or --base with --head.');

  function bill(phase: Phase): string {
    const rows = phaseBill(phase, planningRun(), templatesOf, usersFor(phase));
    if (values.json) return JSON.stringify({ phase: phase.number, totals: totalsOf(rows), rows }, null, 2);
    return billText(titleOf(phase), rows);
  }

  function step(phase: Phase): string {
    const { before, after } = stepBills(phase, planningRun(), templatesOf, usersFor(phase));
    if (values.json) return JSON.stringify(billDifference(before, after), null, 2);
    return differenceText(`The step to ${titleOf(phase)}`, before, after);
  }

  function titleOf(phase: Phase): string {
    return `Phase ${phase.number}, ${phase.title}, for ${usersFor(phase).toLocaleString('en')} users`;
  }

  function usersFor(phase: Phase): number {
    return values.users === undefined ? usersOf(phase) : numberOf('users', values.users);
  }
});

function compared(base: string, head: string): string {
  const [before, after] = [base, head].map((folder) => synthesisOf(new CloudAssembly(folder)).templates);
  return assembliesText(before ?? {}, after ?? {}, planningRun());
}

function phaseOf(option: string, given: string): Phase {
  const number = phaseNumber(
    option,
    given,
    phases.map((phase) => phase.number),
  );
  return phases.find((phase) => phase.number === number) as Phase;
}

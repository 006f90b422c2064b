import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../lib/root';
import { MutantListError, readMutants, refuseUnplantable } from '../test/mutants/mutant';
import { outcomeLine, outcomeTable } from '../test/mutants/report';
import { runMutants } from '../test/mutants/run-mutants';
import { changedSince, touched, under } from '../test/mutants/select';

const USAGE = `npm run mutants                 plants the faults of test/mutants/list whose file,
                                test or list this branch changes, and runs the
                                test that must find each
  -- --since <revision>         the changes since this one (default: main)
  -- --all                      all of them
  -- <subject or path>...       those of a list (stock), or of files
It ends with 0 if all were found, with 1 if one was not, and with 2 if one can
not be planted, since its file has changed: then mend the list.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      since: { type: 'string', default: 'main' },
      all: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(USAGE);
  const mutants = readMutants(join(ROOT, 'test/mutants/list'));
  refuseUnplantable(mutants, ROOT);
  const chosen = values.all
    ? mutants
    : positionals.length > 0
      ? under(mutants, positionals)
      : touched(mutants, changedSince(ROOT, values.since));
  if (chosen.length === 0) return console.log(`None of the ${mutants.length} mutants is about this.`);
  console.log(`${chosen.length} of ${mutants.length} mutants; first their tests without them`);
  const outcomes = await runMutants(ROOT, chosen, (outcome) => console.log(outcomeLine(outcome)));
  process.stdout.write(`\n${outcomeTable(outcomes)}`);
  if (outcomes.some(({ verdict }) => verdict !== 'killed')) process.exitCode = 1;
}

// Otherwise a signal would leave the copy of the tree behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

main().catch((error: Error) => {
  console.error(error instanceof MutantListError ? error.message : `${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
});

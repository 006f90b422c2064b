import { parseArgs } from 'node:util';
import { lab, UsageError } from '../lab/command';

const USAGE = `npm run lab                    measure every phase, about seven minutes each
  --phase <number>             measure only this phase; repeatable
  --scenario <name>            mix of requests (default browse)
  --fault <name>               inject a fault under load instead of measuring; repeatable
  --quick                      measure one phase in two minutes, with rough figures
  --simulate                   simulate the groups that scale, in seconds; with --keep, update docs/scaling.md
  --keep                       keep the figures in lab/report/runs and update the documents
  --compare <revision>         compare this working tree with a revision: finds a change of 15 %
  --out <folder>               folder of the report (default lab-report)
  --help                       show this help`;

const { values } = parseArgs({
  options: {
    phase: { type: 'string', multiple: true },
    scenario: { type: 'string', default: 'browse' },
    fault: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    simulate: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    compare: { type: 'string' },
    out: { type: 'string', default: 'lab-report' },
    help: { type: 'boolean' },
  },
});

if (values.help) console.log(USAGE);
else {
  lab(values).catch((error: Error) => {
    console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : error.stack);
    process.exitCode = 1;
  });
}

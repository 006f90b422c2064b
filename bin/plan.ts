import { parseArgs } from 'node:util';
import { CHART_USERS, chartText } from '../lab/capacity/chart';
import { InputError, type PlanOptions, planInput } from '../lab/capacity/options';
import { planFor } from '../lab/capacity/plan';
import { planJson } from '../lab/capacity/plan-json';
import { runCommand } from '../lab/capacity/run-command';
import { templatesOfPhases } from '../lab/capacity/templates';
import { planText } from '../lab/capacity/text';
import { planningRun } from '../lab/report/run';
import { totalOf } from '../review/cost/bill';

const USAGE = `npm run plan -- --users 10M     the phase, the fleet and the bill of a shop
  --users <number>              10k, 2.5M; or --reads or --writes a month
  --ratio <number>              reads for each write (default 100)
  --kb <number>                 kilobytes of a write (default 1)
  --photos <number>             photos a month (default one for 10,000 writes)
  --months <number>             months for which content is kept (default 36)
  --json                        everything as JSON
  --chart                       users against cost and phase`;

void runCommand(USAGE, () => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      ...{ users: text, reads: text, writes: text, ratio: text, kb: text, photos: text, months: text },
      ...{ json: { type: 'boolean' }, chart: { type: 'boolean' }, help: { type: 'boolean' } },
    },
  });
  if (values.help) return USAGE;
  if (values.chart && values.json) throw new InputError('--json is beside --chart; expected one of them.');
  if (values.chart) return chart(values);
  const plan = planFor(planInput(values), planningRun(), templatesOfPhases());
  return values.json ? planJson(plan) : planText(plan);
});

/** The other options shape the load of each point. */
function chart({ users: _, reads: __, writes: ___, ...shape }: PlanOptions): string {
  const templatesOf = templatesOfPhases();
  return chartText(
    CHART_USERS.map((users) => {
      const plan = planFor(planInput({ ...shape, users: String(users) }), planningRun(), templatesOf);
      return { users, usd: totalOf(plan.totals), phase: plan.rung.phase.number };
    }),
  );
}

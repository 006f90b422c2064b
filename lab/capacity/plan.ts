import { phases as allPhases, type Phase } from '../../lib/phases';
import type { Templates } from '../../review/cloudformation';
import { type BillRow, billRows, costLines, type Totals, totalOf, totalsOf } from '../../review/cost/bill';
import type { Run } from '../report/run';
import { type DatabasePlan, databasePlan, type GroupPlan, groupPlans } from './fleet';
import { ladderOf, type Rung, rungFor } from './ladder';
import { type Load, loadOf, type PlanInput } from './load';
import { usageOf } from './usage';

export interface Plan {
  readonly load: Load;
  readonly ladder: readonly Rung[];
  readonly rung: Rung;
  readonly groups: readonly GroupPlan[];
  readonly database: DatabasePlan;
  readonly bill: readonly BillRow[];
  readonly totals: Totals;
  /** A cheaper phase that bears the load as well; undefined if none does. */
  readonly cheaper?: { readonly rung: Rung; readonly usd: number };
}

/** The templates of a phase, from a synthesis or a copy of one. */
export type TemplatesOf = (phase: Phase) => Templates;

/** The plan for a shop. Pure: equal numbers, templates and runs give equal plans. */
export function planFor(input: PlanInput, run: Run, templatesOf: TemplatesOf, phases = allPhases): Plan {
  const load = loadOf(input);
  const ladder = ladderOf(phases, run, load);
  const rung = rungFor(ladder, load.users);
  const bill = billOf(rung, load, templatesOf);
  const totals = totalsOf(bill.rows);
  const cheaper = cheaperPhase(ladder, rung, load, templatesOf, totalOf(totals));
  return { load, ladder, rung, ...bill.needs, bill: bill.rows, totals, ...(cheaper && { cheaper }) };
}

/** The bill of a phase for a load, whether the phase bears it or not. */
export function billOf(rung: Pick<Rung, 'phase' | 'demands'>, load: Load, templatesOf: TemplatesOf) {
  const needs = needsOf(rung, load);
  const templates = templatesOf(rung.phase);
  const rows = billRows(costLines(templates, usageOf(rung.phase, load, needs, templates)));
  return { needs, rows };
}

export const needsOf = ({ phase, demands }: Pick<Rung, 'phase' | 'demands'>, load: Load) => ({
  groups: groupPlans(phase, demands.us, load),
  database: databasePlan(demands.us, load),
});

function cheaperPhase(
  ladder: readonly Rung[],
  rung: Rung,
  load: Load,
  templatesOf: TemplatesOf,
  usd: number,
): Plan['cheaper'] {
  const before = ladder[ladder.indexOf(rung) - 1];
  if (!before || before.bears <= load.users) return undefined;
  const sum = totalOf(totalsOf(billOf(before, load, templatesOf).rows));
  return sum < usd ? { rung: before, usd: sum } : undefined;
}

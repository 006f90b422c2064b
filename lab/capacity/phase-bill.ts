import { type Phase, phases } from '../../lib/phases';
import type { BillRow } from '../../review/cost/bill';
import { type Survivor, survivors } from '../../review/teardown/survivors';
import type { Run } from '../report/run';
import { demandsOf } from './demands';
import { beginsAt } from './ladder';
import { loadOf } from './load';
import { billOf, needsOf, type TemplatesOf } from './plan';
import { usageOf } from './usage';

/** The bill of a phase for a number of users. Default: those with which it begins by lib/phases.ts. */
export function phaseBill(
  phase: Phase,
  run: Run,
  templatesOf: TemplatesOf,
  users = usersOf(phase),
): BillRow[] {
  const load = loadOf({ users });
  return billOf({ phase, demands: demandsOf(phase, run, load) }, load, templatesOf).rows;
}

/** The step to a phase: the bills of the previous one and of itself, for the users with which it begins. */
export function stepBills(phase: Phase, run: Run, templatesOf: TemplatesOf, users = usersOf(phase)) {
  const before = phases[phases.indexOf(phase) - 1];
  return {
    before: before ? phaseBill(before, run, templatesOf, users) : [],
    after: phaseBill(phase, run, templatesOf, users),
  };
}

/** One user at least. */
export const usersOf = (phase: Phase): number => Math.max(1, beginsAt(phase));

/** Everything that is left after a phase was destroyed, with what the phases before it left. */
export function leftOf(phase: Phase, run: Run, templatesOf: TemplatesOf, users = usersOf(phase)): Survivor[] {
  const load = loadOf({ users });
  const needs = needsOf({ phase, demands: demandsOf(phase, run, load) }, load);
  const templates = templatesOf(phase);
  const earlier = phases.slice(0, phases.indexOf(phase)).map(templatesOf);
  return survivors(templates, earlier, usageOf(phase, load, needs, templates));
}

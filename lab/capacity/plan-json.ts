import { adviceFor } from './advice';
import type { Plan } from './plan';

/** A plan for programs: the figures of the text, and each line of the bill with its verdict. */
export function planJson(plan: Plan): string {
  const { load, rung, groups, database, bill, totals } = plan;
  const ladder = plan.ladder.map(({ phase, from, to, bears, first, because, demands }) => ({
    phase: phase.number,
    from,
    to: Number.isFinite(to) ? to : null,
    bears,
    first,
    because,
    proven: demands.proven,
  }));
  return JSON.stringify(
    {
      ...{ load, phase: rung.phase.number, ladder, hosts: groups, database },
      ...{ currency: 'USD', totals, bill, cheaper: adviceFor(plan) },
    },
    null,
    2,
  );
}

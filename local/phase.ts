import { type GroupName, groupName, type Phase, phaseNumbered, phases } from '../lib/phases';
import type { ScalingPlan } from '../lib/scaling/scaling-plan';
import { CannotRunError } from './errors';

/** The phase with the given number. @throws CannotRunError with the list of phases */
export function phaseNamed(given: string): Phase {
  const phase = /^\d+$/.test(given) ? phaseNumbered(Number(given)) : undefined;
  if (phase) return phase;
  const built = list.format(phases.map(({ number, title }) => `${number} (${title})`));
  throw new CannotRunError(`--phase must be one of ${built}, not "${given}".`);
}

const list = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** True if data can be on two sides, between which `npm run move` moves it. */
export const hasManagedSide = ({ database }: Phase): boolean => database.placement === 'aurora';

/** The number of database servers for reads alone. */
export const readersOf = ({ database }: Phase): number =>
  database.placement === 'aurora' ? database.readers : 0;

/** The plan of a group of application servers; undefined while their number is fixed. */
export function scalingOf({ tiers }: Phase, name: GroupName): ScalingPlan | undefined {
  const group = tiers === 'none' ? undefined : tiers.groups.find((plan) => groupName(plan) === name);
  return group === undefined || group.size.scaling === 'fixed' ? undefined : group.size.scaling;
}

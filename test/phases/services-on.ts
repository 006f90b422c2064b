import { type AppGroupPlan, type Phase, phaseNumbered } from '../../lib/phases';

/** Phase 6 with a service elsewhere, by the one choice of the phase table. */
export function servicesOn(service: 'users' | 'inventory', compute: AppGroupPlan['compute']): Phase {
  const phase = phaseNumbered(6);
  if (!phase || phase.tiers === 'none') throw new Error('Phase 6 has tiers');
  const { tiers } = phase;
  const groups = tiers.groups.map((plan) => (plan.service === service ? { ...plan, compute } : plan));
  return { ...phase, tiers: { ...tiers, groups } };
}

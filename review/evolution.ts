import { resourceChanges } from './differences';
import { loweredProtection, removedData, renamedData, replacedData } from './rules/data';
import {
  changedHandlers,
  changedTypes,
  changedVpcOrigins,
  missingGuard,
  replacedIdentities,
} from './rules/resources';
import { changedExports, lostExports, vanishedStacks } from './rules/stacks';
import type { Finding, Found, Step } from './rules/step';
import type { Synthesis } from './synthesis';

/** Rules for steps over a running shop. Each rule is a pure function of the two synthesized phases. */
const rules: Readonly<Record<string, (step: Step) => Found[]>> = {
  'data replaced': replacedData,
  'data removed': removedData,
  'data renamed': renamedData,
  'data less protected': loweredProtection,
  'network identity replaced': replacedIdentities,
  'origin in use changed': changedVpcOrigins,
  'type changed': changedTypes,
  'handler changed': changedHandlers,
  'guard missing': missingGuard,
  'export lost': lostExports,
  'export changed': changedExports,
  'stack vanished': vanishedStacks,
};

/** All violations in the step from one phase to the next, rule by rule. */
export function stepFindings(before: Synthesis, after: Synthesis): Finding[] {
  const step = { before, after, changes: resourceChanges(before.templates, after.templates) };
  return Object.entries(rules).flatMap(([rule, find]) => find(step).map((found) => ({ rule, ...found })));
}

import { resourceChanges } from './differences';
import { loweredProtection, removedData, renamedData, replacedData } from './rules/data';
import { changedHandlers, changedTypes, missingGuard, replacedIdentities } from './rules/resources';
import { changedExports, lostExports, vanishedStacks } from './rules/stacks';
import type { Finding, Found, Step } from './rules/step';
import type { Synthesis } from './synthesis';

/** What a step must not do to a running shop. Each rule reads the two synthesized phases and nothing else. */
const rules: Readonly<Record<string, (step: Step) => Found[]>> = {
  'data replaced': replacedData,
  'data removed': removedData,
  'data renamed': renamedData,
  'data less protected': loweredProtection,
  'network identity replaced': replacedIdentities,
  'type changed': changedTypes,
  'handler changed': changedHandlers,
  'guard missing': missingGuard,
  'export lost': lostExports,
  'export changed': changedExports,
  'stack vanished': vanishedStacks,
};

/** Everything that is wrong with the step from one phase to the next, rule by rule; empty when nothing is. */
export function stepFindings(before: Synthesis, after: Synthesis): Finding[] {
  const step = { before, after, changes: resourceChanges(before.templates, after.templates) };
  return Object.entries(rules).flatMap(([rule, find]) => find(step).map((found) => ({ rule, ...found })));
}

import { constructPath, references, type Template, type Templates } from './cloudformation';
import { type ResourceChange, replacement, resourceChanges, valueMoves } from './differences';
import {
  type Effect,
  felt,
  missed,
  movedAddress,
  replaced,
  replacedServers,
  type Surroundings,
  type Update,
} from './effects';

/** Something that people who use a running shop notice while a step is deployed. */
export interface Notice extends Effect {
  readonly stack: string;
  readonly logicalId: string;
  readonly path: string;
}

/** What a running shop notices of a step, derived from what the step changes; empty when nobody notices anything. */
export function notices(before: Templates, after: Templates): Notice[] {
  const changes = resourceChanges(before, after);
  const updated = Object.keys(after).flatMap((stack) => updatesOf(stack, { before, after }, changes));
  const step = { before, after, serversStay: serversStay(changes, updated) };
  return [...lossNotices(changes), ...updateNotices(updated, step), ...addressNotices(step)];
}

/** One sentence a line, for a step's snapshot. */
export function readableNotices(all: readonly Notice[]): string {
  if (all.length === 0) return 'A running shop notices nothing.\n';
  const lines = all.map(
    ({ path, logicalId, sentence, lasts }) => `  ${path || logicalId}: ${sentence} (${lasts})`,
  );
  return `A running shop notices:\n${lines.sort().join('\n')}\n`;
}

/** What goes, or goes as what it was. */
function lossNotices(changes: readonly ResourceChange[]): Notice[] {
  return changes.flatMap((change) => {
    const { stack, logicalId, type, before } = change;
    const isReplaced = replacement(change) === 'is replaced';
    const effect = change.after ? isReplaced && replaced[type] : missed[type];
    return effect ? [{ stack, logicalId, path: constructPath(before), ...effect }] : [];
  });
}

function updateNotices(updated: readonly NamedUpdate[], step: Surroundings): Notice[] {
  return updated.flatMap((update) => {
    const { stack, logicalId, after } = update;
    const effect = felt[after.Type]?.(update, step);
    return effect ? [{ stack, logicalId, path: constructPath(after), ...effect }] : [];
  });
}

function addressNotices(step: Surroundings): Notice[] {
  const moved = movedAddress(step);
  return moved ? [{ ...moved, logicalId: 'Url', path: `${moved.stack}/Url` }] : [];
}

/** Whether no group of servers stops, or restarts, in the step. */
function serversStay(changes: readonly ResourceChange[], updated: readonly NamedUpdate[]): boolean {
  const group = 'AWS::AutoScaling::AutoScalingGroup';
  return !(
    changes.some(({ type, after }) => type === group && !after) ||
    updated.some((update) => update.after.Type === group && replacedServers(update))
  );
}

interface NamedUpdate extends Update {
  readonly logicalId: string;
}

/**
 * The resources of a stack that are updated in place, with the properties that change. A property that reads a custom
 * resource or the version of a launch template changes with it, though its text in the template does not.
 */
function updatesOf(
  stack: string,
  { before, after }: { readonly before: Templates; readonly after: Templates },
  changes: readonly ResourceChange[],
): NamedUpdate[] {
  const found = new Map<string, Set<string>>();
  for (const { logicalId, difference, ...change } of changes) {
    if (change.stack !== stack || !change.before || !change.after) continue;
    found.set(logicalId, new Set(Object.keys(difference.propertyUpdates)));
  }
  while (spread(found, before[stack], after[stack])) {}
  return [...found].flatMap(([logicalId, properties]) => {
    const [was, is] = [before, after].map((templates) => templates[stack]?.Resources?.[logicalId]);
    return was && is ? [{ stack, logicalId, before: was, after: is, properties }] : [];
  });
}

/** Marks what reads a marked resource; false when there was nothing more to mark. */
function spread(found: Map<string, Set<string>>, before: Template = {}, after: Template = {}): boolean {
  const readers = Object.entries(after.Resources ?? {}).flatMap(([logicalId, { Properties = {} }]) =>
    Object.entries(Properties)
      .filter(([name]) => before.Resources?.[logicalId] && !found.get(logicalId)?.has(name))
      .filter(([, value]) =>
        references(value).some(
          (read) =>
            found.has(read.logicalId) &&
            valueMoves(after.Resources?.[read.logicalId]?.Type ?? '', read.attribute),
        ),
      )
      .map(([name]) => ({ logicalId, name })),
  );
  for (const { logicalId, name } of readers)
    found.set(logicalId, (found.get(logicalId) ?? new Set()).add(name));
  return readers.length > 0;
}

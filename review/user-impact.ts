import { constructPath, type Resource, references, type Template, type Templates } from './cloudformation';
import { type ResourceChange, replacement, resourceChanges, valueMoves } from './differences';
import { portRules } from './ports';
import { keyOf, type ResolvedResource } from './resolve-references';
import {
  type Effect,
  felt,
  missed,
  movedAddress,
  replaced,
  replacedServers,
  type Surroundings,
  stoppedServers,
  type Update,
} from './user-impact-rules';

/** An effect of a step that users of the running shop notice. */
export interface UserImpact extends Effect {
  readonly stack: string;
  readonly logicalId: string;
  readonly path: string;
}

/** The impact of a step on users of the running shop, derived from its changes; empty if there is none. */
export function userImpact(before: Templates, after: Templates): UserImpact[] {
  const changes = resourceChanges(before, after);
  const updated = Object.keys(after).flatMap((stack) => updatesOf(stack, { before, after }, changes));
  const step = { before, after, serversStay: serversStay(changes, updated) };
  return [
    ...lossNotices(changes),
    ...updateNotices(updated, step),
    ...addressNotices(step),
    ...closedNotices(before, after),
  ];
}

/** One sentence a line, for a step's snapshot. */
export function readableImpact(all: readonly UserImpact[]): string {
  if (all.length === 0) return 'No user impact.\n';
  const lines = all.map(
    ({ path, logicalId, sentence, lasts }) => `  ${path || logicalId}: ${sentence} (${lasts})`,
  );
  return `User impact:\n${lines.sort().join('\n')}\n`;
}

/** The effects of removals and replacements. */
function lossNotices(changes: readonly ResourceChange[]): UserImpact[] {
  return changes.flatMap((change) => {
    const { stack, logicalId, type, before } = change;
    const isReplaced = replacement(change) === 'is replaced';
    const effect = change.after ? isReplaced && replaced[type] : lossOf(type, before);
    return effect ? [{ stack, logicalId, path: constructPath(before), ...effect }] : [];
  });
}

function lossOf(type: string, before: Resource | undefined): Effect | undefined {
  return type === servers && before ? stoppedServers({ before }) : missed[type];
}

const servers = 'AWS::AutoScaling::AutoScalingGroup';

function updateNotices(updated: readonly NamedUpdate[], step: Surroundings): UserImpact[] {
  return updated.flatMap((update) => {
    const { stack, logicalId, after } = update;
    const effect = felt[after.Type]?.(update, step);
    return effect ? [{ stack, logicalId, path: constructPath(after), ...effect }] : [];
  });
}

function addressNotices(step: Surroundings): UserImpact[] {
  const moved = movedAddress(step);
  return moved ? [{ ...moved, logicalId: 'Url', path: `${moved.stack}/Url` }] : [];
}

/** Security groups that the internet reached before the step, and no more after it. */
function closedNotices(before: Templates, after: Templates): UserImpact[] {
  const [were, are] = [openToInternet(before), openToInternet(after)];
  return [...were.values()]
    .filter((group) => !are.has(keyOf(group)))
    .map(({ stack, logicalId, resource }) => ({
      ...{ stack, logicalId, path: constructPath(resource) },
      ...{ lasts: 'for good', sentence: 'nobody on the internet reaches it any more' },
    }));
}

function openToInternet(templates: Templates): Map<string, ResolvedResource> {
  const targets = portRules(templates).flatMap(({ from, to, opened }) =>
    opened === 'in' && from.name.startsWith('internet') && to.declared ? [to.declared] : [],
  );
  return new Map(targets.map((target) => [keyOf(target), target]));
}

/** True if no group of servers stops or restarts in the step. */
function serversStay(changes: readonly ResourceChange[], updated: readonly NamedUpdate[]): boolean {
  return !(
    changes.some(({ type, before, after }) => type === servers && !after && before && lossOf(type, before)) ||
    updated.some(
      (update) => update.after.Type === servers && (stoppedServers(update) ?? replacedServers(update)),
    )
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

/** Marks the readers of marked resources; false if there are no more. */
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

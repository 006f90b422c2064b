import {
  constructPath,
  isObject,
  type Resource,
  references,
  type Template,
  type Templates,
} from './cloudformation';
import { resourceChanges, valueMoves } from './differences';

/** Something that people who use a running shop notice while a step is deployed. */
export interface Notice {
  readonly stack: string;
  readonly logicalId: string;
  readonly path: string;
  readonly lasts: 'seconds' | 'minutes' | 'for good';
  readonly sentence: string;
}

type Effect = Pick<Notice, 'lasts' | 'sentence'>;

interface Update {
  readonly after: Resource;
  /** Names of the properties whose value changes, or may change because what they read does. */
  readonly properties: ReadonlySet<string>;
}

/** What an update is felt as, by resource type. A type that is not here is updated without anybody noticing. */
const felt: Readonly<Record<string, (update: Update) => Effect | undefined>> = {
  'AWS::AutoScaling::AutoScalingGroup': replacedServers,
  'AWS::Route53::RecordSet': ({ after, properties }) =>
    ['ResourceRecords', 'AliasTarget'].some((name) => properties.has(name))
      ? {
          lasts: 'seconds',
          sentence: `the name leads elsewhere, for everybody after ${after.Properties?.TTL ?? 60} s`,
        }
      : undefined,
  'Custom::Release': () => ({ lasts: 'seconds', sentence: 'the app restarts with the new release' }),
};

/** What is felt when a resource goes. */
const missed: Readonly<Record<string, Effect>> = {
  'AWS::AutoScaling::AutoScalingGroup': { lasts: 'for good', sentence: 'its servers stop' },
  'AWS::Route53::RecordSet': { lasts: 'for good', sentence: 'the name leads nowhere' },
};

/** What a running shop notices of a step, derived from what the step changes; empty when nobody notices anything. */
export function notices(before: Templates, after: Templates): Notice[] {
  const gone = resourceChanges(before, after).flatMap((change) => {
    const effect = change.after ? undefined : missed[change.type];
    const { stack, logicalId } = change;
    return effect ? [{ stack, logicalId, path: constructPath(change.before), ...effect }] : [];
  });
  const updated = Object.entries(after).flatMap(([stack, template]) =>
    [...updates(stack, before, after)].flatMap(([logicalId, properties]) => {
      const resource = template.Resources?.[logicalId];
      const effect = resource && felt[resource.Type]?.({ after: resource, properties });
      return effect ? [{ stack, logicalId, path: constructPath(resource), ...effect }] : [];
    }),
  );
  return [...gone, ...updated];
}

/** One sentence a line, for a step's snapshot. */
export function readableNotices(all: readonly Notice[]): string {
  if (all.length === 0) return 'A running shop notices nothing.\n';
  const lines = all.map(
    ({ path, logicalId, sentence, lasts }) => `  ${path || logicalId}: ${sentence} (${lasts})`,
  );
  return `A running shop notices:\n${lines.sort().join('\n')}\n`;
}

/** A group that may go down to none before the new server comes is away for as long as one takes to boot. */
function replacedServers({ after, properties }: Update): Effect | undefined {
  const replaces = ['LaunchTemplate', 'MixedInstancesPolicy', 'VPCZoneIdentifier'].some((p) =>
    properties.has(p),
  );
  const policy = isObject(after.UpdatePolicy) ? after.UpdatePolicy.AutoScalingRollingUpdate : undefined;
  if (!replaces || !isObject(policy)) return undefined;
  return Number(policy.MinInstancesInService ?? 0) > 0
    ? undefined
    : { lasts: 'minutes', sentence: 'the server is replaced: the shop is away until the new one has booted' };
}

/**
 * The resources of a stack that are updated in place, with the properties that change. A property that reads a custom
 * resource or the version of a launch template changes with it, though its text in the template does not.
 */
function updates(stack: string, before: Templates, after: Templates): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { logicalId, difference, ...change } of resourceChanges(before, after)) {
    if (change.stack !== stack || !change.before || !change.after) continue;
    found.set(logicalId, new Set(Object.keys(difference.propertyUpdates)));
  }
  while (spread(found, before[stack], after[stack])) {}
  return found;
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

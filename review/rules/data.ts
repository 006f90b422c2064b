import { constructPath, isSame, type Resource } from '../cloudformation';
import { type ResourceChange, replacement, replacingProperties } from '../differences';
import { heldBy, keeps } from '../stateful';
import { aboutResource, aboutStack, type Found, type Step } from './step';

export function replacedData({ changes }: Step): Found[] {
  return changes.flatMap((change) => {
    const held = heldBy(change.before);
    const how = replacement(change);
    if (!held || !how) return [];
    return aboutResource(change, {
      what: `${change.type} ${how} by a change of ${replacingProperties(change).join(', ')}`,
      why: `a new one starts empty: the shop loses ${held}`,
      remedy: 'leave the property as it was, or add a new resource beside the old one and move the data',
    });
  });
}

export function removedData(step: Step): Found[] {
  const { after, changes } = step;
  return changes.flatMap((change) => {
    const held = heldBy(change.before);
    const gone = change.stack in after.templates && !change.after;
    if (!held || !gone || keeps(change.before?.DeletionPolicy) || successor(change, changes)) return [];
    if (isRetired(change, step) && policy(change.before, 'DeletionPolicy') === 'Snapshot') return [];
    return aboutResource(change, {
      what: `${change.type} is removed, and its deletion policy is ${policy(change.before, 'DeletionPolicy')}`,
      why: `CloudFormation deletes it, and with it ${held}`,
      remedy: 'set its removal policy to RETAIN in the phase before, then remove it',
    });
  });
}

export function renamedData({ changes }: Step): Found[] {
  return changes.flatMap((change) => {
    const held = heldBy(change.before);
    const next = change.after ? undefined : successor(change, changes);
    if (!held || !next) return [];
    return aboutResource(change, {
      what: `${change.type} becomes ${next.logicalId} in ${next.stack}`,
      why: `to CloudFormation the old one goes and a new, empty one comes: the shop loses ${held}`,
      remedy: 'give it the construct path it had, or override the logical id with the old one',
    });
  });
}

export function loweredProtection(step: Step): Found[] {
  const { before, after, changes } = step;
  const stacks = before.protectedStacks
    .filter((stack) => stack in after.templates && !after.protectedStacks.includes(stack))
    .map((stack) =>
      aboutStack(stack, {
        what: 'the stack loses its termination protection',
        why: 'one mistaken command would delete it with everything in it',
        remedy: 'keep terminationProtection: true',
      }),
    );
  const resources = changes.flatMap((change) => {
    const held = heldBy(change.before);
    const endsWithSnapshot = isRetired(change, step) && policy(change.after, 'DeletionPolicy') === 'Snapshot';
    const allowed = endsWithSnapshot ? 'DeletionPolicy' : undefined;
    return (held ? lowered(change) : [])
      .filter((attribute) => attribute !== allowed)
      .map((attribute) =>
        aboutResource(change, {
          what: `${change.type} has a weaker ${attribute}`,
          why: `the next mistake deletes ${held}`,
          remedy: `keep ${attribute} as strict as it was`,
        }),
      );
  });
  return [...stacks, ...resources];
}

/**
 * Data that only a way back needs, by stack and logical id: the volume of the box, whose rows and photos were moved. It
 * may end with a final snapshot (decision 0122).
 */
const neededForWayBack = /-Data\/DataVolume$/;

/** True if the guard of the phase before has closed that way: it was deployed, so the marker says so. */
function isRetired({ stack, logicalId }: ResourceChange, { before }: Step): boolean {
  if (!neededForWayBack.test(`${stack}/${logicalId}`)) return false;
  return Object.values(before.templates)
    .flatMap(({ Resources = {} }) => Object.values(Resources))
    .some(({ Type, Properties }) => Type === 'Custom::PhaseGuard' && Properties?.MarkerIn !== undefined);
}

/** A new resource that replaces a removed one: same type, and same properties or same construct path. */
function successor(old: ResourceChange, changes: readonly ResourceChange[]): ResourceChange | undefined {
  return changes.find(
    ({ type, before, after }) =>
      type === old.type &&
      !before &&
      // A function's log, for one, looks like any other and holds nothing.
      ((heldBy(after) && isSame(untagged(after), untagged(old.before))) || samePlace(after, old.before)),
  );
}

/** Properties without tags: a construct's default Name tag is its path, which a rename changes. */
function untagged(resource: Resource | undefined) {
  const { Tags: _, ...properties } = resource?.Properties ?? {};
  return properties;
}

/** The same construct path in another stack. */
function samePlace(one: Resource | undefined, other: Resource | undefined): boolean {
  const inStack = (resource: Resource | undefined) => constructPath(resource).split('/').slice(1).join('/');
  return inStack(one) !== '' && inStack(one) === inStack(other);
}

const policies = ['DeletionPolicy', 'UpdateReplacePolicy'] as const;
const switches = ['DeletionProtection', 'DeletionProtectionEnabled'] as const;

function lowered({ before, after }: ResourceChange): string[] {
  if (!before || !after) return [];
  return [
    ...policies.filter((name) => strictness(policy(after, name)) < strictness(policy(before, name))),
    ...switches.filter((name) => before.Properties?.[name] === true && after.Properties?.[name] !== true),
  ];
}

/** The policy, or CloudFormation's default: a snapshot for databases, deletion for everything else. */
function policy(resource: Resource | undefined, name: (typeof policies)[number]): string {
  return resource?.[name] ?? (resource?.Type === 'AWS::RDS::DBCluster' ? 'Snapshot' : 'Delete');
}

function strictness(policy: string): number {
  return keeps(policy) ? 2 : policy === 'Snapshot' ? 1 : 0;
}

import { fullDiff, type ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { isCustom, type Resource, type Templates } from './cloudformation';

/** One resource that a step adds, changes or removes. */
export interface ResourceChange {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly before: Resource | undefined;
  readonly after: Resource | undefined;
  readonly difference: ResourceDifference;
}

/**
 * The changes of a step to the resources of every stack, including added and removed stacks, in a stable order. They are
 * found once for the same two objects, since every part of a review asks for them.
 */
export function resourceChanges(before: Templates, after: Templates): readonly ResourceChange[] {
  const steps = known.get(before) ?? new WeakMap<Templates, readonly ResourceChange[]>();
  known.set(before, steps);
  const changes = steps.get(after) ?? changesOf(before, after);
  steps.set(after, changes);
  return changes;
}

const known = new WeakMap<Templates, WeakMap<Templates, readonly ResourceChange[]>>();

function changesOf(before: Templates, after: Templates): ResourceChange[] {
  const stacks = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return stacks.flatMap((stack) => {
    const was = before[stack] ?? {};
    const is = after[stack] ?? {};
    const { changes } = fullDiff(was, is).resources;
    return Object.entries(changes)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([logicalId, difference]) => {
        const [wasResource, isResource] = [was.Resources?.[logicalId], is.Resources?.[logicalId]];
        const type = (wasResource ?? isResource)?.Type ?? '';
        return { stack, logicalId, type, before: wasResource, after: isResource, difference };
      });
  });
}

/** Describes a certain or possible replacement; undefined for any other change. */
export function replacement({ difference }: ResourceChange): 'is replaced' | 'may be replaced' | undefined {
  if (difference.isAddition || difference.isRemoval || difference.resourceTypeChanged) return undefined;
  if (difference.changeImpact === ResourceImpact.WILL_REPLACE) return 'is replaced';
  if (difference.changeImpact === ResourceImpact.MAY_REPLACE) return 'may be replaced';
  return undefined;
}

/** The changed properties that require, or may require, the replacement. */
export function replacingProperties({ difference }: ResourceChange): string[] {
  return Object.entries(difference.propertyUpdates)
    .filter(([, { changeImpact }]) => changeImpact?.endsWith('_REPLACE'))
    .map(([name]) => name)
    .sort();
}

/** True if a value that others read from a resource (`Ref`, `Fn::GetAtt`) may change with its update. */
export function valueMoves(type: string, attribute: string | undefined): boolean {
  if (isCustom(type)) return true;
  return type === 'AWS::EC2::LaunchTemplate' && /VersionNumber$/.test(attribute ?? '');
}

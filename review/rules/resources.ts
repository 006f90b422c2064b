import { isCustom, isSame, references } from '../cloudformation';
import { replacement, replacingProperties } from '../differences';
import { aboutResource, type Found, type Step } from './step';

/** Resources without data that cannot be replaced while others reference them. */
const identities: Readonly<Record<string, string>> = {
  'AWS::EC2::SecurityGroup':
    'hosts of other stacks are still in the old group when CloudFormation wants to delete it, and rules name it',
  'AWS::EC2::Subnet': 'the new subnet has the same addresses, which is refused while the old one stands',
  'AWS::EC2::VPC': 'everything in the network would be replaced with it',
};

/** The custom resource that refuses to lower or skip a phase. */
const guard = 'Custom::PhaseGuard';

export function replacedIdentities({ changes }: Step): Found[] {
  return changes.flatMap((change) => {
    const why = identities[change.type];
    const how = replacement(change);
    if (!why || !how) return [];
    return aboutResource(change, {
      what: `${change.type} ${how} by a change of ${replacingProperties(change).join(', ')}`,
      why,
      remedy: 'leave these properties as they were; rules and tags are free to change',
    });
  });
}

/** Its tags included: a stack that is tagged differently fails with 409 (rule EDGE-5). */
export function changedVpcOrigins({ changes }: Step): Found[] {
  return changes.flatMap((change) => {
    const { isUpdate, propertyUpdates } = change.difference;
    if (change.type !== 'AWS::CloudFront::VpcOrigin' || !isUpdate) return [];
    return aboutResource(change, {
      what: `${change.type} gets another ${Object.keys(propertyUpdates).sort().join(', ')}`,
      why: 'CloudFront refuses to change an origin that a distribution uses: the deploy fails',
      remedy:
        'leave it as it was, or give the new one a construct id of its own, so that it is made before the old one goes',
    });
  });
}

export function changedTypes({ changes }: Step): Found[] {
  return changes.flatMap((change) => {
    if (!change.before || !change.after || change.before.Type === change.after.Type) return [];
    return aboutResource(change, {
      what: `${change.before.Type} becomes ${change.after.Type} under the same logical id`,
      why: 'CloudFormation refuses to change the type of a resource: the deploy fails',
      remedy: 'give the new resource a construct id of its own',
    });
  });
}

/** Compares names and replacements: a replaced function has a new ARN, even if the text of the token is unchanged. */
export function changedHandlers({ before, after, changes }: Step): Found[] {
  const replaced = changes.filter(replacement);
  return Object.entries(after.templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).flatMap(([logicalId, is]) => {
      const was = before.templates[stack]?.Resources?.[logicalId];
      const [old, now] = [was?.Properties?.ServiceToken, is.Properties?.ServiceToken];
      const moved = references(now).some((read) =>
        replaced.some((change) => change.stack === stack && change.logicalId === read.logicalId),
      );
      if (!isCustom(is.Type) || old === undefined || (isSame(old, now) && !moved)) return [];
      return aboutResource(
        { stack, logicalId, before: was, after: is },
        {
          what: `${is.Type} is served by another function`,
          why: 'CloudFormation refuses to change the service token of a custom resource: the deploy fails',
          remedy: 'keep the construct path of the function; its code and settings are free to change',
        },
      );
    }),
  );
}

export function missingGuard({ after, changes }: Step): Found[] {
  return changes
    .filter(({ stack, type, after: next }) => type === guard && !next && stack in after.templates)
    .map((change) =>
      aboutResource(change, {
        what: 'the phase guard is gone',
        why: 'nothing stops a deploy that goes down or skips a phase, and tears the shop apart',
        remedy: 'keep the guard in every phase, at the same construct path',
      }),
    );
}

import { isObject, type Json, type Resource, type Templates } from './cloudformation';
import { resolveReferences } from './resolve-references';

/** The impact of one change on users, in a sentence, and its duration. */
export interface Effect {
  readonly lasts: 'seconds' | 'minutes' | 'for good';
  readonly sentence: string;
}

export interface Update {
  readonly stack: string;
  readonly before: Resource;
  readonly after: Resource;
  /** Names of the properties whose value changes, or may change because a value that they read does. */
  readonly properties: ReadonlySet<string>;
}

/** The whole step, for effects that depend on other changes. */
export interface Surroundings {
  readonly before: Templates;
  readonly after: Templates;
  /** True if every existing group of servers is unchanged. */
  readonly serversStay: boolean;
}

/** Effects of updates by resource type. Users do not notice updates of other types. */
export const felt: Readonly<Record<string, (update: Update, step: Surroundings) => Effect | undefined>> = {
  'AWS::AutoScaling::AutoScalingGroup': (update) => stoppedServers(update) ?? replacedServers(update),
  'AWS::Route53::RecordSet': movedName,
  'Custom::Release': () => ({ lasts: 'seconds', sentence: 'the app restarts with the new release' }),
};

/** Effects of replacements. */
export const replaced: Readonly<Record<string, Effect>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': {
    lasts: 'minutes',
    sentence: 'the balancer is replaced: requests fail until all clients use the new one',
  },
  'AWS::ElasticLoadBalancingV2::TargetGroup': {
    lasts: 'seconds',
    sentence: 'its servers join a new group: requests fail until they are found healthy there',
  },
};

const stopped: Effect = { lasts: 'for good', sentence: 'its servers stop' };

/** Effects of removals of resources other than groups of servers. */
export const missed: Readonly<Record<string, Effect>> = {
  'AWS::CloudFront::Distribution': { lasts: 'for good', sentence: 'its addresses are unreachable' },
  'AWS::ElasticLoadBalancingV2::Listener': { lasts: 'for good', sentence: 'its port is unreachable' },
  'AWS::ElasticLoadBalancingV2::ListenerRule': { lasts: 'for good', sentence: 'its requests go elsewhere' },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': { lasts: 'for good', sentence: 'its address is unreachable' },
  'AWS::ElasticLoadBalancingV2::TargetGroup': { lasts: 'for good', sentence: 'its servers get no requests' },
  'AWS::Route53::RecordSet': { lasts: 'for good', sentence: 'the name leads nowhere' },
};

/** A group that may have no servers any more, or is gone. */
export function stoppedServers({
  before,
  after,
}: Pick<Update, 'before'> & { readonly after?: Resource | undefined }): Effect | undefined {
  const most = (group: Resource | undefined) => (group ? Number(group.Properties?.MaxSize ?? 1) : 0);
  return most(before) > 0 && most(after) === 0 ? stopped : undefined;
}

/**
 * A group that may drop to zero servers before a new one is ready is down for the time of a boot. A group that does
 * not wait for signals of new servers may terminate the old ones too early.
 */
export function replacedServers({
  after,
  properties,
}: Pick<Update, 'after' | 'properties'>): Effect | undefined {
  const replaces = ['LaunchTemplate', 'MixedInstancesPolicy', 'VPCZoneIdentifier'].some((p) =>
    properties.has(p),
  );
  const policies = isObject(after.UpdatePolicy) ? after.UpdatePolicy : {};
  if (!replaces) return undefined;
  if (isObject(policies.AutoScalingInstanceRefresh))
    return refreshedServers(policies.AutoScalingInstanceRefresh);
  const policy = policies.AutoScalingRollingUpdate;
  if (!isObject(policy)) return undefined;
  if (Number(policy.MinInstancesInService ?? 0) === 0) {
    return {
      lasts: 'minutes',
      sentence: 'the server is replaced: the shop is down until the new one has booted',
    };
  }
  return policy.WaitOnResourceSignals === true ? undefined : tooEarly;
}

const tooEarly: Effect = {
  lasts: 'minutes',
  sentence: 'servers go before the new ones have booted: some requests fail',
};

/** A refresh waits for health checks by itself, and keeps as many servers as it is told. CloudFormation's default is all. */
function refreshedServers({ Preferences }: Readonly<Record<string, Json>>): Effect | undefined {
  const least = isObject(Preferences) ? Number(Preferences.MinHealthyPercentage ?? 100) : 100;
  return least < 100 ? tooEarly : undefined;
}

/** True if the resources that a value of the previous phase refers to still exist after the step and have servers. */
function goesOnServing(value: unknown, stack: string, step: Surroundings): boolean {
  const { before, after, serversStay } = step;
  const stands = resolveReferences(value, stack, before).every(
    (one) => after[one.stack]?.Resources?.[one.logicalId]?.Type === one.resource.Type,
  );
  return serversStay && stands;
}

/** The fixed TTL of Route 53 for an alias to a distribution or balancer, in seconds. */
const ALIAS_TTL = 60;

/** Resolvers cache the old record for its TTL, so browsers use its target for as long. */
function movedName({ stack, before, properties }: Update, step: Surroundings): Effect | undefined {
  if (!properties.has('ResourceRecords') && !properties.has('AliasTarget')) return undefined;
  const ttl = before.Properties?.TTL ?? ALIAS_TTL;
  const old = [before.Properties?.ResourceRecords, before.Properties?.AliasTarget];
  if (resolveReferences(old, stack, step.before).length === 0) {
    return { lasts: 'seconds', sentence: `the name leads elsewhere, for everybody after ${ttl} s` };
  }
  return goesOnServing(old, stack, step)
    ? {
        lasts: 'seconds',
        sentence: `the name leads elsewhere within ${ttl} s, and the old target keeps serving: only a new TLS session`,
      }
    : {
        lasts: 'minutes',
        sentence: `the name leads elsewhere, and the old target stops serving: down for up to ${ttl} s for clients that have it cached`,
      };
}

/** A change of the output `Url`. */
export function movedAddress(step: Surroundings): (Effect & { readonly stack: string }) | undefined {
  const [old, now] = [addressIn(step.before), addressIn(step.after)];
  if (!old || !now || JSON.stringify(old.value) === JSON.stringify(now.value)) return undefined;
  const sentence = goesOnServing(old.value, old.stack, step)
    ? 'the shop has another address; clients of the old one are served as before'
    : 'the shop has another address, and the old one is unreachable';
  return { stack: now.stack, lasts: 'for good', sentence };
}

function addressIn(templates: Templates): { stack: string; value: unknown } | undefined {
  const found = Object.entries(templates).flatMap(([stack, { Outputs = {} }]) =>
    Outputs.Url ? [{ stack, value: Outputs.Url.Value }] : [],
  );
  return found[0];
}

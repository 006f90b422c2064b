import { isObject, type Resource, type Templates } from './cloudformation';
import { declaredIn } from './declared';

/** What people notice of one change, in a sentence, and for how long. */
export interface Effect {
  readonly lasts: 'seconds' | 'minutes' | 'for good';
  readonly sentence: string;
}

export interface Update {
  readonly stack: string;
  readonly before: Resource;
  readonly after: Resource;
  /** Names of the properties whose value changes, or may change because what they read does. */
  readonly properties: ReadonlySet<string>;
}

/** What else the step does, for effects that hang on it. */
export interface Surroundings {
  readonly before: Templates;
  readonly after: Templates;
  /** Whether every group of servers that was there goes on as it was. */
  readonly serversStay: boolean;
}

/** What an update is felt as, by resource type. A type that is not here is updated without anybody noticing. */
export const felt: Readonly<Record<string, (update: Update, step: Surroundings) => Effect | undefined>> = {
  'AWS::AutoScaling::AutoScalingGroup': replacedServers,
  'AWS::Route53::RecordSet': movedName,
  'Custom::Release': () => ({ lasts: 'seconds', sentence: 'the app restarts with the new release' }),
};

/** What is felt when CloudFormation makes a new one and lets the old one go. */
export const replaced: Readonly<Record<string, Effect>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': {
    lasts: 'minutes',
    sentence: 'the balancer is replaced: requests fail until everybody knows the new one',
  },
  'AWS::ElasticLoadBalancingV2::TargetGroup': {
    lasts: 'seconds',
    sentence: 'its servers join a new group: requests fail until they are found healthy there',
  },
};

/** What is felt when a resource goes. */
export const missed: Readonly<Record<string, Effect>> = {
  'AWS::AutoScaling::AutoScalingGroup': { lasts: 'for good', sentence: 'its servers stop' },
  'AWS::CloudFront::Distribution': { lasts: 'for good', sentence: 'its addresses answer nobody' },
  'AWS::ElasticLoadBalancingV2::Listener': { lasts: 'for good', sentence: 'its port answers nobody' },
  'AWS::ElasticLoadBalancingV2::ListenerRule': { lasts: 'for good', sentence: 'its requests go elsewhere' },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': { lasts: 'for good', sentence: 'its address answers nobody' },
  'AWS::ElasticLoadBalancingV2::TargetGroup': { lasts: 'for good', sentence: 'its servers get no requests' },
  'AWS::Route53::RecordSet': { lasts: 'for good', sentence: 'the name leads nowhere' },
};

/**
 * A group that may go down to none before the new server comes is away for as long as one takes to boot; so is one that
 * does not wait for a new server's word before it takes the next old one.
 */
export function replacedServers({
  after,
  properties,
}: Pick<Update, 'after' | 'properties'>): Effect | undefined {
  const replaces = ['LaunchTemplate', 'MixedInstancesPolicy', 'VPCZoneIdentifier'].some((p) =>
    properties.has(p),
  );
  const policy = isObject(after.UpdatePolicy) ? after.UpdatePolicy.AutoScalingRollingUpdate : undefined;
  if (!replaces || !isObject(policy)) return undefined;
  if (Number(policy.MinInstancesInService ?? 0) === 0) {
    return {
      lasts: 'minutes',
      sentence: 'the server is replaced: the shop is away until the new one has booted',
    };
  }
  if (policy.WaitOnResourceSignals === true) return undefined;
  return { lasts: 'minutes', sentence: 'servers go before the new ones have booted: some requests fail' };
}

/** Whether what a value of the phase before leads to is there after the step, with servers behind it. */
function goesOnServing(value: unknown, stack: string, step: Surroundings): boolean {
  const { before, after, serversStay } = step;
  const stands = declaredIn(value, stack, before).every(
    (one) => after[one.stack]?.Resources?.[one.logicalId]?.Type === one.resource.Type,
  );
  return serversStay && stands;
}

/** Seconds for which Route 53 lets an alias of a distribution or balancer be remembered; nobody can choose it. */
const ALIAS_TTL = 60;

/** Resolvers remember the old record for as long as it said, and browsers go where it led for as long. */
function movedName({ stack, before, properties }: Update, step: Surroundings): Effect | undefined {
  if (!properties.has('ResourceRecords') && !properties.has('AliasTarget')) return undefined;
  const ttl = before.Properties?.TTL ?? ALIAS_TTL;
  const old = [before.Properties?.ResourceRecords, before.Properties?.AliasTarget];
  if (declaredIn(old, stack, step.before).length === 0) {
    return { lasts: 'seconds', sentence: `the name leads elsewhere, for everybody after ${ttl} s` };
  }
  return goesOnServing(old, stack, step)
    ? {
        lasts: 'seconds',
        sentence: `the name leads elsewhere within ${ttl} s, and where it led serves on: a new session of TLS and nothing else`,
      }
    : {
        lasts: 'minutes',
        sentence: `the name leads elsewhere, and where it led does not serve on: away for up to ${ttl} s for who remembers it`,
      };
}

/** Where a deploy says that the shop is: its output `Url`. */
export function movedAddress(step: Surroundings): (Effect & { readonly stack: string }) | undefined {
  const [old, now] = [addressIn(step.before), addressIn(step.after)];
  if (!old || !now || JSON.stringify(old.value) === JSON.stringify(now.value)) return undefined;
  const sentence = goesOnServing(old.value, old.stack, step)
    ? 'the shop has another address; who uses the old one is served as before'
    : 'the shop has another address, and the old one answers nobody';
  return { stack: now.stack, lasts: 'for good', sentence };
}

function addressIn(templates: Templates): { stack: string; value: unknown } | undefined {
  const found = Object.entries(templates).flatMap(([stack, { Outputs = {} }]) =>
    Outputs.Url ? [{ stack, value: Outputs.Url.Value }] : [],
  );
  return found[0];
}

import { phaseNumbered, phases } from '../../lib/phases';
import type { Json, Resource } from '../../review/cloudformation';
import { keyOf, resolveReferences } from '../../review/resolve-references';
import { synthesized } from './synthesized';

/** Row N2: what is left of each phase with tiers when everything in one zone is gone. */
const numbers = phases.filter(({ tiers }) => tiers !== 'none').map(({ number }) => number);
const cases = numbers.flatMap((number) =>
  ['a', 'b', 'c'].map((letter) => ({ number, zone: `us-east-1${letter}` })),
);

/** In one zone on purpose. */
const SINGLE: Readonly<Record<string, string>> = {
  'AWS::EC2::Volume': 'of the box, which nobody is sent to any more',
  'AWS::EC2::InstanceConnectEndpoint': 'for shells of people; serves nobody',
};

interface Placed {
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, Json>>;
  /** Zones that it has something in. */
  readonly zones: readonly string[];
}

/** Properties that name the subnets of a resource. */
const SUBNETS = ['VPCZoneIdentifier', 'Subnets', 'SubnetIds', 'SubnetId', 'VpcConfig'];

/** Every resource of a phase that has a place. */
function placed(number: number): Placed[] {
  const { templates } = synthesized(number);
  const zoneOf = ({ Properties }: Resource) => Properties?.AvailabilityZone;
  return Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).flatMap(([id, resource]) => {
      const { Type: type, Properties: properties = {} } = resource;
      const own = typeof zoneOf(resource) === 'string' ? [String(zoneOf(resource))] : [];
      const named = SUBNETS.flatMap((property) => resolveReferences(properties[property], stack, templates));
      const subnets = named.filter((each) => each.resource.Type === 'AWS::EC2::Subnet');
      const zones = [...own, ...subnets.map((each) => String(zoneOf(each.resource)))];
      return zones.length === 0
        ? []
        : [{ key: keyOf({ stack, logicalId: id }), id, type, properties, zones }];
    }),
  );
}

describe.each(cases)('phase $number without $zone', ({ number, zone }) => {
  const all = placed(number);
  const { tiers = 'none' } = phaseNumbered(number) ?? {};
  const appGroups = tiers === 'none' ? [] : tiers.groups;
  const left = (one: Placed) => one.zones.filter((each) => each !== zone);
  const ofType = (type: string) => all.filter((one) => one.type === type);

  test('N2: each group has hosts in two zones', () => {
    const groups = ofType('AWS::AutoScaling::AutoScalingGroup').filter(
      ({ id, properties }) => !id.startsWith('Box') && properties.MaxSize !== '0',
    );
    // Of the web servers, and of each kind of application server.
    expect(groups).toHaveLength(1 + appGroups.length);
    for (const group of groups) {
      expect([group.id, left(group).length]).toEqual([group.id, 2]);
      const hosts = Number(group.properties.MinSize);
      // Auto Scaling spreads the hosts of a group evenly.
      expect(hosts - Math.ceil(hosts / 3)).toBeGreaterThanOrEqual(2);
      expect(group.properties.TargetGroupARNs).not.toHaveLength(0);
    }
  });

  test('N2: each load balancer has the two zones that it needs', () => {
    const balancers = ofType('AWS::ElasticLoadBalancingV2::LoadBalancer');
    // One for calls between services comes with them.
    expect(balancers).toHaveLength(appGroups.some(({ service }) => service === 'all') ? 2 : 3);
    for (const balancer of balancers) expect(left(balancer)).toHaveLength(2);
  });

  test('N2: the database has a writer or an instance that becomes one, and room in two zones', () => {
    const instances = ofType('AWS::RDS::DBInstance');
    expect(instances.filter((one) => left(one).length > 0).length).toBeGreaterThanOrEqual(1);
    const ready = instances.filter(({ properties }) => Number(properties.PromotionTier ?? 1) <= 1);
    expect(ready.filter((one) => left(one).length > 0).length).toBeGreaterThanOrEqual(1);
    for (const group of ofType('AWS::RDS::DBSubnetGroup')) expect(left(group)).toHaveLength(2);
  });

  test('N2: the cache, the endpoints and the functions in the VPC are in other zones too', () => {
    const spread = ['AWS::ElastiCache::ServerlessCache', 'AWS::EC2::VPCEndpoint', 'AWS::Lambda::Function'];
    const found = all.filter(({ type }) => spread.includes(type));
    expect(found.length).toBeGreaterThan(3);
    for (const one of found) expect([one.key, left(one).length]).toEqual([one.key, 2]);
  });

  test('N2: nothing else that serves is in one zone, and no NAT gateway is anywhere', () => {
    const alone = all.filter((one) => new Set(one.zones).size === 1 && one.type !== 'AWS::EC2::Subnet');
    const unexplained = alone.filter(
      ({ id, type }) =>
        !(type in SINGLE) && type !== 'AWS::RDS::DBInstance' && !/^Box/.test(id) && !type.includes('Route'),
    );
    expect(unexplained.map(({ key }) => key)).toEqual([]);
    const types = Object.values(synthesized(number).templates).flatMap(({ Resources = {} }) =>
      Object.values(Resources).map(({ Type }) => Type),
    );
    expect(types).not.toContain('AWS::EC2::NatGateway');
  });
});

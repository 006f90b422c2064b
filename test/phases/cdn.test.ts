import { constructPath, type Json } from '../../review/cloudformation';
import { synthesized } from './synthesized';

/**
 * Rows and rules of the edge of phase 3, over what a deployer would deploy: with a domain away from us-east-1, and
 * without.
 */
const named = synthesized(3, 'everything');
const unnamed = synthesized(3);

type Properties = Readonly<Record<string, Json>>;

const found = ({ templates }: typeof named, stack: string, type: string): Properties[] =>
  Object.values(templates[stack]?.Resources ?? {})
    .filter(({ Type }) => Type === type)
    .map(({ Properties = {} }) => Properties);
const distributionOf = (shop: typeof named): Properties => {
  const [distribution] = found(shop, 'Shop-Edge', 'AWS::CloudFront::Distribution');
  if (!distribution) throw new Error('no distribution');
  return distribution.DistributionConfig as Properties;
};
const text = (value: unknown) => JSON.stringify(value);

test.each([
  ['with a domain', named],
  ['without', unnamed],
])('C6: pages and photos come from the object store and the API from the web balancer, %s', (_, shop) => {
  const { Origins } = distributionOf(shop) as unknown as { Origins: Properties[] };
  expect(
    Origins.map((origin) => text(origin.DomainName).match(/Shop-\w+:\w*?(Static|Media|Web)/)?.[1]),
  ).toEqual(['Static', 'Media', 'Web']);
});

test('C6: the distribution of this account may read the storefront and photos, and never an original', () => {
  const policies = found(named, 'Shop-Data', 'AWS::S3::BucketPolicy').map(text);
  const read = policies.filter((policy) => policy.includes('cloudfront.amazonaws.com'));
  expect(read).toHaveLength(2);
  for (const policy of read) expect(policy).toContain('AWS:SourceArn');
  expect(read.find((policy) => policy.includes('ContentMedia'))).toContain('/photos/*');
});

test('EDGE-1: viewers have TLS of today, or the least that CloudFront gives its own name', () => {
  expect(distributionOf(named).ViewerCertificate).toMatchObject({ MinimumProtocolVersion: 'TLSv1.2_2021' });
  expect(distributionOf(unnamed).ViewerCertificate).toBeUndefined();
});

test('EDGE-4, ELB-8: the firewall for the web stands before the only way to the balancers', () => {
  for (const shop of [named, unnamed]) {
    expect(found(shop, 'Shop-Global', 'AWS::WAFv2::WebACL')).toHaveLength(1);
    expect(text(distributionOf(shop).WebACLId)).toContain('WebAcl');
    const balancers = found(shop, 'Shop-Services', 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    expect(balancers.map(({ Scheme }) => Scheme)).toEqual(['internal', 'internal']);
  }
});

test('ELB-8: the balancer listens where the CDN calls', () => {
  const calls = (shop: typeof named) =>
    found(shop, 'Shop-Edge', 'AWS::CloudFront::VpcOrigin').map(
      ({ VpcOriginEndpointConfig }) => (VpcOriginEndpointConfig as Properties).OriginProtocolPolicy,
    );
  const listens = (shop: typeof named) =>
    Object.values(shop.templates['Shop-Services']?.Resources ?? {})
      .filter(({ Type }) => Type === 'AWS::ElasticLoadBalancingV2::Listener')
      .filter((listener) => constructPath(listener).startsWith('Shop-Services/Tiers/Web/'))
      .map(({ Properties = {} }) => [Properties.Protocol, Properties.Port]);
  expect([calls(named), listens(named)]).toEqual([['https-only'], [['HTTPS', 443]]]);
  expect([calls(unnamed), listens(unnamed)]).toEqual([['http-only'], [['HTTP', 80]]]);
});

test('the record of the name is the one of the phases before', () => {
  const record = ({ templates }: typeof named) =>
    Object.keys(templates['Shop-Edge']?.Resources ?? {}).filter((id) => /^Record[0-9A-F]{8}$/.test(id));
  expect(record(named)).toEqual(record(synthesized(2, 'everything')));
});

const alarmsOf = (shop: typeof named) =>
  found(shop, 'Shop-Operations', 'AWS::CloudWatch::Alarm').map(({ MetricName, Dimensions, Threshold }) => ({
    MetricName,
    Dimensions: text(Dimensions ?? []),
    Threshold,
  }));

test('OPS-1: balancers, groups, hosts, roll-outs and the standby are watched', () => {
  const metrics = alarmsOf(named).map(({ MetricName }) => MetricName);
  const times = (name: string) => metrics.filter((metric) => metric === name).length;
  for (const name of ['HTTPCode_ELB_5XX_Count', 'RejectedConnectionCount'])
    expect([name, times(name)]).toEqual([name, 2]);
  for (const name of ['HTTPCode_Target_5XX_Count', 'TargetResponseTime', 'UnHealthyHostCount'])
    expect([name, times(name)]).toEqual([name, 3]);
  // The box and three groups.
  for (const name of ['GroupInServiceInstances', 'CPUUtilization'])
    expect([name, times(name)]).toEqual([name, name === 'CPUUtilization' ? 5 : 4]);
  expect(times('AuroraReplicaLagMaximum')).toBe(1);
  expect(alarmsOf(named).filter(({ Dimensions }) => Dimensions.includes('READER'))).toHaveLength(1);
});

test('OPS-1: the groups report how many hosts are in service, which is not on by itself', () => {
  const groups = found(named, 'Shop-Services', 'AWS::AutoScaling::AutoScalingGroup');
  const reporting = groups.filter(({ MetricsCollection }) => text(MetricsCollection).includes('InService'));
  expect([groups.length, reporting.length]).toEqual([4, 4]);
});

test('OPS-1: as many connections are usual as the app processes may open', () => {
  const connections = (phase: number) =>
    alarmsOf(synthesized(phase)).find(({ MetricName }) => MetricName === 'DatabaseConnections')?.Threshold;
  expect(connections(2)).toBe(100);
  // Six hosts and the two that a roll-out adds, with two pools of ten each.
  expect(connections(3)).toBe(100 + 8 * 20);
});

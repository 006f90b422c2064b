import type { Json, Resource, Templates } from '../../review/cloudformation';
import { readableImpact, userImpact } from '../../review/user-impact';
import { resource, template } from './template-fixtures';

const rolling = { UpdatePolicy: { AutoScalingRollingUpdate: { MinInstancesInService: 0 } } };

/** The box: a custom resource finds the image, a launch template names it, a group of one runs it. */
function box({
  image = 'june',
  type = 't4g.small',
  release = 'one',
  ...rest
}: Record<string, string> = {}): Templates {
  const version: Json = { 'Fn::GetAtt': ['Launch', 'LatestVersionNumber'] };
  const resources: Record<string, Resource> = {
    Image: resource('Custom::MachineImage', { Release: image }),
    Launch: resource('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: { InstanceType: type, ImageId: { 'Fn::GetAtt': ['Image', 'Parameter.Value'] } },
    }),
    Group: resource(
      'AWS::AutoScaling::AutoScalingGroup',
      { LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' }, Version: version } },
      rest.minimum
        ? {
            UpdatePolicy: {
              AutoScalingRollingUpdate: {
                MinInstancesInService: 1,
                WaitOnResourceSignals: rest.signals === 'yes',
              },
            },
          }
        : rolling,
    ),
    Release: resource('Custom::Release', { Release: release }),
    Alarm: resource('AWS::CloudWatch::Alarm', { Threshold: rest.threshold ?? '80' }),
  };
  return { Services: template(resources) };
}

const felt = (before: Templates, after: Templates) =>
  userImpact(before, after).map(({ logicalId, lasts }) => `${logicalId}: ${lasts}`);

test('deploying the same phase again has no impact on users', () => {
  expect(readableImpact(userImpact(box(), box()))).toBe('No user impact.\n');
});

test('a changed alarm has no impact on users', () => {
  expect(felt(box(), box({ threshold: '90' }))).toEqual([]);
});

test('a bigger box takes the minutes of a boot', () => {
  expect(readableImpact(userImpact(box(), box({ type: 't4g.large' })))).toMatchInlineSnapshot(`
"User impact:
  Shop/Group: the server is replaced: the shop is down until the new one has booted (minutes)
"
`);
});

test('a new machine image replaces the box too, though the text of its launch template stays', () => {
  expect(felt(box(), box({ image: 'july' }))).toEqual(['Group: minutes']);
});

test.each(['VPCZoneIdentifier', 'MixedInstancesPolicy'])('a box with another %s is replaced', (property) => {
  const { Services } = box();
  const having = (value: string): Templates => {
    const group = Services?.Resources?.Group as Resource;
    const Group = { ...group, Properties: { ...group.Properties, [property]: [value] } };
    return { Services: template({ ...Services?.Resources, Group }) };
  };
  expect(felt(having('one'), having('other'))).toEqual(['Group: minutes']);
});

test('servers that are replaced one by one, each when the one before is well, are not noticed', () => {
  const fleet = { minimum: '1', signals: 'yes' };
  expect(felt(box(fleet), box({ ...fleet, type: 't4g.large' }))).toEqual([]);
});

test('servers that are replaced without waiting for word from the new ones are noticed', () => {
  const fleet = { minimum: '1', signals: 'no' };
  expect(readableImpact(userImpact(box(fleet), box({ ...fleet, type: 't4g.large' })))).toMatch(
    /servers go before the new ones have booted: some requests fail \(minutes\)/,
  );
});

test.each([
  [100, []],
  [90, ['Group: minutes']],
])('servers that are refreshed while %d %% of them serve: %j', (MinHealthyPercentage, noticed) => {
  const refreshed = (type: string): Templates => {
    const { Services } = box({ type });
    const group = Services?.Resources?.Group as Resource;
    const UpdatePolicy = {
      AutoScalingInstanceRefresh: { Strategy: 'Rolling', Preferences: { MinHealthyPercentage } },
    };
    return { Services: template({ ...Services?.Resources, Group: { ...group, UpdatePolicy } }) };
  };
  expect(felt(refreshed('t4g.small'), refreshed('c7g.medium'))).toEqual(noticed);
});

test('servers of a group that may have none any more stop, and a group that had none is not missed', () => {
  const { Services } = box();
  const emptied = (MaxSize: string): Templates => {
    const group = Services?.Resources?.Group as Resource;
    const Group = { ...group, Properties: { ...group.Properties, MaxSize } };
    return { Services: template({ ...Services?.Resources, Group }) };
  };
  expect(felt(emptied('1'), emptied('0'))).toEqual(['Group: for good']);
  expect(felt(emptied('0'), emptied('0'))).toEqual([]);
  expect(felt(emptied('1'), { Services: {} })).toEqual(['Group: for good']);
  expect(felt(emptied('0'), { Services: {} })).toEqual([]);
});

test('whoever loses its last port to the internet is not reached any more', () => {
  const open = (...ports: number[]): Templates => ({
    Network: template({
      Box: resource('AWS::EC2::SecurityGroup', { SecurityGroupEgress: [] }),
      ...Object.fromEntries(
        ports.map((port) => [
          `Port${port}`,
          resource('AWS::EC2::SecurityGroupIngress', {
            ...{ GroupId: { 'Fn::GetAtt': ['Box', 'GroupId'] }, CidrIp: '0.0.0.0/0' },
            ...{ IpProtocol: 'tcp', FromPort: port, ToPort: port },
          }),
        ]),
      ),
    }),
  });
  expect(readableImpact(userImpact(open(80, 443), open()))).toMatchInlineSnapshot(`
"User impact:
  Shop/Box: nobody on the internet reaches it any more (for good)
"
`);
  expect(felt(open(80, 443), open(443))).toEqual([]);
  expect(felt(open(), open(443))).toEqual([]);
});

test('a release restarts the app', () => {
  expect(felt(box(), box({ release: 'two' }))).toEqual(['Release: seconds']);
});

test('a name that leads elsewhere is noticed by those who know it', () => {
  const record = (address: string) => ({
    Edge: template({ Name: resource('AWS::Route53::RecordSet', { TTL: '60', ResourceRecords: [address] }) }),
  });
  expect(felt(record('192.0.2.1'), record('192.0.2.2'))).toEqual(['Name: seconds']);
  expect(felt(record('192.0.2.1'), { Edge: {} })).toEqual(['Name: for good']);
});

describe('a step from an address to a CDN', () => {
  const address = { Network: template({ Address: resource('AWS::EC2::EIP') }, exported('Ip', 'Address')) };
  const imported: Json = { 'Fn::ImportValue': 'Ip' };
  const cdn: Json = { 'Fn::GetAtt': ['Cdn', 'DomainName'] };
  const distribution = { Cdn: resource('AWS::CloudFront::Distribution') };
  const record = (properties: Record<string, Json>) => resource('AWS::Route53::RecordSet', properties);
  const named: Templates = {
    ...box(),
    ...address,
    Edge: template({ Name: record({ TTL: '300', ResourceRecords: [imported] }) }),
  };
  const alias = { Edge: template({ ...distribution, Name: record({ AliasTarget: { DNSName: cdn } }) }) };
  const reachedByAddress: Templates = { ...withUrl(box(), imported), ...address };
  const reachedByCdn = (services: Templates): Templates => ({
    ...services,
    Edge: template(distribution, { Url: { Value: cdn } }),
  });

  const sentences = (before: Templates, after: Templates) =>
    userImpact(before, after).map(({ sentence, lasts }) => `${sentence} (${lasts})`);

  test('costs clients with the name a TLS session while the old server serves on', () => {
    expect(sentences(named, { ...named, ...alias })).toEqual([
      'the name leads elsewhere within 300 s, and the old target keeps serving: only a new TLS session (seconds)',
    ]);
  });

  test('leaves people without a shop for as long as the name is remembered when the old server goes', () => {
    const { Services: _, ...withoutBox } = named;
    const gone = sentences(named, { ...withoutBox, Services: template({}), ...alias });
    expect(gone).toEqual([
      'its servers stop (for good)',
      expect.stringContaining('up to 300 s for clients that have it cached'),
    ]);
  });

  test('does the same when the address goes, or the server is replaced meanwhile', () => {
    const awayFor = expect.stringContaining('stops serving: down for up to 300 s');
    expect(sentences(named, { ...named, Network: template({}), ...alias })).toEqual([awayFor]);
    expect(sentences(named, { ...named, ...box({ type: 't4g.large' }), ...alias })).toContainEqual(awayFor);
  });

  test('gives a shop without a name another address, and keeps the old one', () => {
    expect(sentences(reachedByAddress, reachedByCdn({ ...box(), ...address }))).toEqual([
      'the shop has another address; clients of the old one are served as before (for good)',
    ]);
    expect(sentences(reachedByAddress, reachedByCdn({ ...box(), Network: template({}) }))).toEqual([
      'the shop has another address, and the old one is unreachable (for good)',
    ]);
  });

  test('is not noticed by address when another stack says where the shop is, and says the same', () => {
    const url = 'https://shop.example.com/';
    expect(sentences(withUrl(box(), url), { ...box(), Edge: template({}, { Url: { Value: url } }) })).toEqual(
      [],
    );
  });

  function exported(Name: string, logicalId: string) {
    return { [Name]: { Value: { 'Fn::GetAtt': [logicalId, 'PublicIp'] }, Export: { Name } } };
  }

  function withUrl(templates: Templates, Value: Json): Templates {
    return { ...templates, Services: { ...templates.Services, Outputs: { Url: { Value } } } };
  }
});

describe('what stands in front of servers', () => {
  const balancer = (scheme: string, threshold = 1): Templates => ({
    Front: template({
      Balancer: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: scheme }),
      Listener: resource('AWS::ElasticLoadBalancingV2::Listener', { Port: 443 }),
      Targets: resource('AWS::ElasticLoadBalancingV2::TargetGroup', {
        HealthyThresholdCount: threshold,
        VpcId: 'a',
      }),
      Cdn: resource('AWS::CloudFront::Distribution', { DistributionConfig: { Comment: scheme } }),
      Acl: resource('AWS::WAFv2::WebACL', { Scope: scheme }),
    }),
  });

  test('is missed for good when it goes', () => {
    expect(felt(balancer('internal'), { Front: template({}) })).toEqual([
      'Balancer: for good',
      'Cdn: for good',
      'Listener: for good',
      'Targets: for good',
    ]);
  });

  test('is changed without anybody noticing, and replaced with', () => {
    expect(felt(balancer('internal'), balancer('internal', 2))).toEqual([]);
    expect(felt(balancer('internal'), balancer('internet-facing'))).toEqual(['Balancer: minutes']);
  });

  test('and a standby beside the writer: nobody notices that they come', () => {
    const writer = { Writer: resource('AWS::RDS::DBInstance') };
    const both = { ...writer, Standby: resource('AWS::RDS::DBInstance') };
    expect(felt({ Data: template(writer) }, { Data: template(both), ...balancer('internal') })).toEqual([]);
  });
});

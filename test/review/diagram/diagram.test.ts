import type { Json, Resource, Templates } from '../../../review/cloudformation';
import { diagramOf, phaseDiagram } from '../../../review/diagram/diagram';
import { resource } from '../template-fixtures';

const att = (id: string, attribute: string): Json => ({ 'Fn::GetAtt': [id, attribute] });

/** A distribution, a balancer and two groups in one stack, each with a group of its own in the firewall. */
function shop({ port = 443, size = '3' } = {}): Templates {
  const group = (words: string) =>
    resource('AWS::EC2::SecurityGroup', { GroupDescription: words, SecurityGroupEgress: [] });
  const subnet = (zone: number) =>
    placed(
      `App${zone + 1}`,
      resource('AWS::EC2::Subnet', {
        AvailabilityZone: `us-east-1${'abc'[zone]}`,
        CidrBlock: `10.0.${zone}.0/24`,
      }),
    );
  const subnets: Json = [{ Ref: 'App1' }, { Ref: 'App2' }];
  const launch = resource('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: {
      InstanceType: 't4g.small',
      NetworkInterfaces: [{ Groups: [att('Servers', 'GroupId')] }],
    },
  });
  const rule = { IpProtocol: 'tcp', FromPort: port, ToPort: port, GroupId: att('Servers', 'GroupId') };
  return {
    Shop: {
      Resources: {
        Front: group('Balancer: the way in'),
        Servers: group('Servers: the app'),
        App1: subnet(0),
        App2: subnet(1),
        Web: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', {
          Scheme: 'internal',
          SecurityGroups: [att('Front', 'GroupId')],
          Subnets: subnets,
        }),
        Launch: launch,
        Targets: resource('AWS::ElasticLoadBalancingV2::TargetGroup', { Port: port }),
        Listener: resource('AWS::ElasticLoadBalancingV2::Listener', {
          LoadBalancerArn: { Ref: 'Web' },
          DefaultActions: [{ TargetGroupArn: { Ref: 'Targets' } }],
        }),
        Reads: resource('AWS::ElasticLoadBalancingV2::ListenerRule', {
          ListenerArn: { Ref: 'Listener' },
          Actions: [{ TargetGroupArn: { Ref: 'Targets' } }],
          Conditions: [{ HttpRequestMethodConfig: { Values: ['GET', 'HEAD'] } }],
        }),
        Group: resource('AWS::AutoScaling::AutoScalingGroup', {
          MinSize: size,
          MaxSize: size,
          LaunchTemplate: { LaunchTemplateId: { Ref: 'Launch' } },
          TargetGroupARNs: [{ Ref: 'Targets' }],
          VPCZoneIdentifier: subnets,
        }),
        In: resource('AWS::EC2::SecurityGroupIngress', {
          ...rule,
          SourceSecurityGroupId: att('Front', 'GroupId'),
        }),
        List: resource('Custom::CloudFrontPrefixList'),
        FromCdn: resource('AWS::EC2::SecurityGroupIngress', {
          ...rule,
          GroupId: att('Front', 'GroupId'),
          SourcePrefixListId: att('List', 'Id'),
        }),
        Static: resource('AWS::S3::Bucket'),
        Origin: resource('AWS::CloudFront::VpcOrigin', {
          VpcOriginEndpointConfig: {
            Arn: { Ref: 'Web' },
            OriginProtocolPolicy: port === 80 ? 'http-only' : 'https-only',
          },
        }),
        Cdn: resource('AWS::CloudFront::Distribution', {
          DistributionConfig: {
            Origins: [
              { DomainName: att('Static', 'RegionalDomainName') },
              { VpcOriginConfig: { VpcOriginId: att('Origin', 'Id') } },
            ],
            DefaultCacheBehavior: { ViewerProtocolPolicy: 'redirect-to-https' },
          },
        }),
      },
    },
  };
}

function placed(id: string, one: Resource): Resource {
  return { ...one, Metadata: { 'aws:cdk:path': `Shop/${id}/Resource` } };
}

const arrows = (templates: Templates) => {
  const { nodes, edges } = diagramOf(templates);
  const title = (key: string) => nodes.find((node) => node.key === key)?.title;
  return edges.map(({ from, to, label }) => `${title(from)} > ${title(to)}: ${label}`).sort();
};
const drawn = (templates: Templates, previous?: Templates) =>
  phaseDiagram({ number: 3, title: 'Made up', users: 'nobody', bottleneck: 'none', templates, previous });

test('arrows come from the firewall, the origins of a distribution and the targets of listeners', () => {
  expect(arrows(shop())).toEqual([
    'Balancer > Servers: 443',
    'Browsers > CloudFront: 80, 443',
    'CloudFront > Balancer: 443',
    'CloudFront > Static: 443',
  ]);
});

test('shows both ports where the firewall opens another than a balancer uses', () => {
  const { Shop } = shop();
  const Targets = resource('AWS::ElasticLoadBalancingV2::TargetGroup', { Port: 8443 });
  expect(arrows({ Shop: { Resources: { ...Shop?.Resources, Targets } } })).toContain(
    'Balancer > Servers: 443, 8443',
  );
});

test('says in which zones hosts are, how many, and for which requests', () => {
  const servers = diagramOf(shop()).nodes.find(({ title }) => title === 'Servers');
  expect(servers?.lines).toEqual(['the app', 'gets GET, HEAD', '3 × t4g.small']);
  expect(servers?.zones).toEqual(['zone 1', 'zone 2']);
});

test.each([
  ['a port', shop({ port: 80 }), '>80<'],
  ['a size', shop({ size: '6' }), '6 × t4g.small'],
])('is another diagram when %s changes', async (_, changed, text) => {
  expect(await drawn(shop())).not.toContain(text);
  expect(await drawn(changed)).toContain(text);
});

test('marks what is new by a word, and what is otherwise than before by another', async () => {
  const { Shop } = shop();
  const { Static: _, ...without } = Shop?.Resources ?? {};
  expect(await drawn(shop(), shop())).not.toMatch(/>(new|changed)</);
  expect(await drawn(shop(), { Shop: { Resources: without } })).toContain('>new<');
  expect(await drawn(shop({ size: '6' }), shop())).toContain('>changed<');
  expect(await drawn({ Shop: { Resources: without } }, shop())).toContain('Removed: Static.');
});

test('draws new boxes and new arrows with thick lines', async () => {
  const { Shop } = shop();
  const { Static: _, ...without } = Shop?.Resources ?? {};
  const svg = await drawn(shop(), { Shop: { Resources: without } });
  expect(svg.match(/class="box new"/g)).toHaveLength(1);
  expect(svg.match(/class="arrow new"/g)).toHaveLength(1);
  expect(await drawn(shop(), shop())).not.toMatch(/class="(box|arrow) new"/);
});

test('is the same each time, and has a title and a description for people who cannot see it', async () => {
  const svg = await drawn(shop());
  expect(await drawn(shop())).toBe(svg);
  expect(svg).toMatch(/<title id="title">Phase 3: Made up<\/title>/);
  expect(svg).toMatch(/<desc id="desc">.*Arrows: .*CloudFront to Static \(443\)/);
});

test('no text is smaller than 12 pixels', async () => {
  const sizes = [...(await drawn(shop())).matchAll(/font-size="([\d.]+)"/g)].map(([, size]) => Number(size));
  expect(Math.min(...sizes)).toBeGreaterThanOrEqual(12);
});

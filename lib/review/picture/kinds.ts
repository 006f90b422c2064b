import type { Templates } from '../cloudformation';
import type { Declared } from '../declared';
import { bucket, database, distribution, endpoint, record, shells, volume } from './kinds-that-hold';
import { balancer, functions, hosts } from './kinds-that-run';
import type { Part } from './model';
import { textOf } from './resources';
import { counted } from './words';

/** What is drawn of some resources of a type. */
export type Drawn = Pick<Part, 'title' | 'lines'> & Partial<Pick<Part, 'band' | 'rank' | 'zones'>>;

export type Some = readonly [Declared, ...Declared[]];

interface Kind {
  /** What several resources have in common that are one part of the picture. Without it, each is a part of its own. */
  readonly gather?: (one: Declared) => string;
  readonly draw: (all: Some, templates: Templates) => Drawn;
}

/** Every type of resource that a picture shows, in the order from left to right. What is not here is plumbing. */
export const kinds: Readonly<Record<string, Kind>> = {
  'AWS::Route53::RecordSet': { gather: ({ resource }) => textOf(resource.Properties?.Name), draw: record },
  'AWS::WAFv2::WebACL': {
    draw: ([acl]) => ({
      title: 'WAF',
      lines: [counted([acl.resource.Properties?.Rules ?? []].flat().length, 'rule')],
      band: 'edge',
    }),
  },
  'AWS::CloudFront::Distribution': { draw: distribution },
  'AWS::EC2::EIP': { draw: () => ({ title: 'Elastic IP', lines: ['an address', 'for life'], rank: 1 }) },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': { draw: balancer },
  'AWS::AutoScaling::AutoScalingGroup': { draw: hosts },
  'AWS::EC2::Volume': { draw: volume },
  'AWS::Lambda::Function': {
    gather: ({ resource }) => (resource.Properties?.VpcConfig ? 'inside' : 'outside'),
    draw: functions,
  },
  'AWS::RDS::DBCluster': { draw: database },
  'AWS::EC2::VPCEndpoint': { draw: endpoint },
  'AWS::EC2::InstanceConnectEndpoint': { draw: shells },
  'AWS::S3::Bucket': { draw: bucket },
  'AWS::SecretsManager::Secret': countedKind('Secrets', 'Secrets Manager'),
  'AWS::KMS::Key': countedKind('Keys', 'KMS'),
  'AWS::CloudWatch::Alarm': countedKind('Alarms', 'CloudWatch'),
};

function countedKind(title: string, service: string): Kind {
  return {
    gather: () => 'all',
    draw: (all) => ({ title, lines: [`${all.length} in ${service}`], band: 'region' }),
  };
}

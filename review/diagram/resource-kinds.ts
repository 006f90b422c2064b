import type { Templates } from '../cloudformation';
import type { ResolvedResource } from '../resolve-references';
import { functions, hosts } from './compute-kinds';
import { distribution, dnsRecord, endpoint, loadBalancer, shells, webAcl } from './network-kinds';
import { type NodeContent, type ResourceGroup, textOf } from './resources';
import { bucket, cache, database, volume, warehouse } from './storage-kinds';

export interface ResourceKind {
  /** Resources with the same result share a node. Default: one node per resource. */
  readonly groupBy?: (resource: ResolvedResource) => string;
  readonly content: (resources: ResourceGroup, templates: Templates) => NodeContent;
}

/** The resource types that have a node, from the entry to the innermost. All others are omitted. */
export const resourceKinds: Readonly<Record<string, ResourceKind>> = {
  'AWS::Route53::RecordSet': {
    groupBy: ({ resource }) => textOf(resource.Properties?.Name),
    content: dnsRecord,
  },
  'AWS::WAFv2::WebACL': { content: webAcl },
  'AWS::CloudFront::Distribution': { content: distribution },
  'AWS::EC2::EIP': { content: () => ({ title: 'Elastic IP', lines: ['an address', 'for life'] }) },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': { content: loadBalancer },
  'AWS::AutoScaling::AutoScalingGroup': { content: hosts },
  'AWS::EC2::Volume': { content: volume },
  'AWS::Lambda::Function': {
    groupBy: ({ resource }) => (resource.Properties?.VpcConfig ? 'inside' : 'outside'),
    content: functions,
  },
  'AWS::ElastiCache::ServerlessCache': { content: cache },
  'AWS::RDS::DBCluster': { content: database },
  'AWS::RedshiftServerless::Workgroup': { content: warehouse },
  'AWS::EC2::VPCEndpoint': { content: endpoint },
  'AWS::EC2::InstanceConnectEndpoint': { content: shells },
  'AWS::S3::Bucket': { content: bucket },
  'AWS::SecretsManager::Secret': countOf('Secrets', 'Secrets Manager'),
  'AWS::KMS::Key': countOf('Keys', 'KMS'),
  'AWS::CloudWatch::Alarm': countOf('Alarms', 'CloudWatch'),
};

function countOf(title: string, service: string): ResourceKind {
  return {
    groupBy: () => 'all',
    content: (all) => ({ title, lines: [`${all.length} in ${service}`], location: 'region' }),
  };
}

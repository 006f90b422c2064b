import type { Json, Templates } from '../cloudformation';
import {
  describedBySecurityGroup,
  type NodeContent,
  propertyAt,
  type ResourceGroup,
  textOf,
  zonesOf,
} from './resources';
import { pluralized } from './text-format';

/** All records of one name. */
export function dnsRecord(records: ResourceGroup): NodeContent {
  const { Name, TTL, AliasTarget } = records[0].resource.Properties ?? {};
  const types = records.map(({ resource }) => textOf(resource.Properties?.Type)).join(', ');
  const answer = AliasTarget ? `${types}: alias` : `${types}: for ${textOf(TTL)} s`;
  return { title: 'Route 53', lines: [textOf(Name).replace(/\.$/, ''), answer], location: 'edge' };
}

export function webAcl([acl]: ResourceGroup): NodeContent {
  const rules = listOf(acl.resource.Properties?.Rules);
  return { title: 'WAF', lines: [pluralized(rules.length, 'rule')], location: 'edge' };
}

export function distribution([cdn]: ResourceGroup): NodeContent {
  const config = cdn.resource.Properties?.DistributionConfig;
  const aliases = listOf(propertyAt(config, 'Aliases')).map(textOf);
  const paths = listOf(propertyAt(config, 'CacheBehaviors')).map((each) =>
    textOf(propertyAt(each, 'PathPattern')),
  );
  const name = aliases.join(', ') || 'a name of its own';
  return { title: 'CloudFront', lines: [name, `${paths.join(', ')} and the rest`], location: 'edge' };
}

export function loadBalancer([balancer]: ResourceGroup, templates: Templates): NodeContent {
  const { title, lines } = describedBySecurityGroup(balancer, templates);
  const scheme = textOf(balancer.resource.Properties?.Scheme);
  return { title, lines: [...lines, `${scheme} load balancer`], zones: zonesOf(balancer, templates) };
}

const serviceNames: Readonly<Record<string, string>> = {
  s3: 'S3',
  logs: 'Logs',
  secretsmanager: 'Secrets',
};

export function endpoint([one]: ResourceGroup, templates: Templates): NodeContent {
  const { ServiceName, VpcEndpointType } = one.resource.Properties ?? {};
  const service = textOf(ServiceName).split('.').at(-1) ?? '';
  return {
    title: serviceNames[service] ?? service,
    lines: [textOf(VpcEndpointType).toLowerCase()],
    zones: zonesOf(one, templates),
    location: 'endpoints',
  };
}

export function shells([one]: ResourceGroup, templates: Templates): NodeContent {
  return {
    title: 'Shells',
    lines: ['Instance Connect'],
    zones: zonesOf(one, templates),
    location: 'endpoints',
  };
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

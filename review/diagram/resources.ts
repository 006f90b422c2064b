import { constructPath, isObject, type Json, references, type Templates } from '../cloudformation';
import { keyOf, type ResolvedResource, resolveReferences } from '../resolve-references';
import type { DiagramNode } from './model';
import { capitalized, spaced } from './text-format';

/** The resources that one node stands for. */
export type ResourceGroup = readonly [ResolvedResource, ...ResolvedResource[]];

/** The part of a node that its kind determines. The default location is the tier of its subnets. */
export type NodeContent = Pick<DiagramNode, 'title' | 'lines'> &
  Partial<Pick<DiagramNode, 'location' | 'zones'>>;

/** Every resource of a phase, in the order of its templates. */
export function allResources(templates: Templates): ResolvedResource[] {
  return Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).map(([logicalId, resource]) => ({ stack, logicalId, resource })),
  );
}

export function resourcesOf(type: string, templates: Templates): ResolvedResource[] {
  return allResources(templates).filter(({ resource }) => resource.Type === type);
}

/** The nodes that represent a resource, alone or with others. */
export function nodesWith(one: ResolvedResource, nodes: readonly DiagramNode[]): DiagramNode[] {
  return nodes.filter(({ resources }) => resources.includes(keyOf(one)));
}

export function refersTo(
  value: Json | undefined,
  target: ResolvedResource,
  stack: string,
  templates: Templates,
): boolean {
  return resolveReferences(value, stack, templates).some((one) => keyOf(one) === keyOf(target));
}

/** The resources that one refers to, and through launch templates and subnet groups those that they refer to. */
export function dependenciesOf(one: ResolvedResource, templates: Templates): ResolvedResource[] {
  const direct = resolveReferences(one.resource.Properties, one.stack, templates);
  const through = direct.filter(({ resource }) => transitive.has(resource.Type));
  return [
    ...direct,
    ...through.flatMap(({ stack, resource }) => resolveReferences(resource.Properties, stack, templates)),
  ];
}

const transitive = new Set(['AWS::EC2::LaunchTemplate', 'AWS::RDS::DBSubnetGroup']);

export function securityGroupsOf(one: ResolvedResource, templates: Templates): ResolvedResource[] {
  return dependenciesOf(one, templates).filter(({ resource }) => resource.Type === 'AWS::EC2::SecurityGroup');
}

export function subnetsOf(one: ResolvedResource, templates: Templates): ResolvedResource[] {
  return dependenciesOf(one, templates).filter(({ resource }) => resource.Type === 'AWS::EC2::Subnet');
}

/** `Shop-Network/Web2/Subnet` is in the tier `web`. */
export function tierOf({ resource }: ResolvedResource): string {
  const [, name = ''] = constructPath(resource).split('/');
  return name.replace(/\d+$/, '').toLowerCase();
}

/** The index of a resource's zone among those of the subnets, in the order in which those are made. */
export function zoneOf({ resource }: ResolvedResource, templates: Templates): number | undefined {
  const index = zoneNames(templates).indexOf(textOf(resource.Properties?.AvailabilityZone));
  return index < 0 ? undefined : index;
}

function zoneNames(templates: Templates): string[] {
  const subnets = resourcesOf('AWS::EC2::Subnet', templates);
  return [...new Set(subnets.map(({ resource }) => textOf(resource.Properties?.AvailabilityZone)))];
}

/** "zone 1" and so on for each zone in which a resource has a subnet, '' for the other zones of the network. */
export function zonesOf(one: ResolvedResource, templates: Templates): string[] {
  const used = subnetsOf(one, templates).map((subnet) => zoneOf(subnet, templates));
  if (used.length === 0) return [];
  return zoneNames(templates).map((_, zone) => (used.includes(zone) ? `zone ${zone + 1}` : ''));
}

/** `Shop-Services/Box/Group` is the box, `Shop-Data/Content/Media` the media, as in a sentence. */
export function nameOf({ logicalId, resource }: ResolvedResource): string {
  const path = constructPath(resource).split('/').slice(1);
  const meaningful = path.filter((part) => !/^(Group|Function|Instance|Cluster)$/.test(part));
  return spaced(meaningful.at(-1) ?? logicalId);
}

/** The description of a resource's security group: "Web servers: nginx" becomes a title and a line. */
export function describedBySecurityGroup(
  one: ResolvedResource,
  templates: Templates,
): { title: string; lines: string[] } {
  const [group] = securityGroupsOf(one, templates);
  const [title = '', ...lines] = textOf(group?.resource.Properties?.GroupDescription).split(': ');
  return { title: title || capitalized(nameOf(one)), lines };
}

/** A property some levels down; undefined when a level is missing. */
export function propertyAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((level, name) => (isObject(level) ? level[name] : undefined), value);
}

/** A literal as it is; for a reference the name of its resource, since its value is unknown before a deploy. */
export function textOf(value: Json | undefined): string {
  return isObject(value) ? (references(value)[0]?.logicalId ?? '') : String(value ?? '');
}

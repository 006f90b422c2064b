import { constructPath, isObject, type Json, references, type Templates } from '../cloudformation';
import { type Declared, declaredIn, keyOf } from '../declared';
import type { Part } from './model';
import { capital, words } from './words';

/** Every resource of a phase, in the order of its templates. */
export function everyResource(templates: Templates): Declared[] {
  return Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).map(([logicalId, resource]) => ({ stack, logicalId, resource })),
  );
}

export function resourcesOf(type: string, templates: Templates): Declared[] {
  return everyResource(templates).filter(({ resource }) => resource.Type === type);
}

/** The parts that stand for a resource, among others perhaps. */
export function partsWith(one: Declared, parts: readonly Part[]): Part[] {
  return parts.filter(({ members }) => members.includes(keyOf(one)));
}

/** What a resource needs in order to be made: what it refers to, and through launch and subnet groups what those do. */
export function madeWith(one: Declared, templates: Templates): Declared[] {
  const direct = declaredIn(one.resource.Properties, one.stack, templates);
  const through = direct.filter(({ resource }) => carriers.has(resource.Type));
  return [
    ...direct,
    ...through.flatMap(({ stack, resource }) => declaredIn(resource.Properties, stack, templates)),
  ];
}

const carriers = new Set(['AWS::EC2::LaunchTemplate', 'AWS::RDS::DBSubnetGroup']);

export function groupsOf(one: Declared, templates: Templates): string[] {
  return madeWith(one, templates)
    .filter(({ resource }) => resource.Type === 'AWS::EC2::SecurityGroup')
    .map(keyOf);
}

/** `Shop-Network/Web2/Subnet` is in the tier `web`. */
export function tierOf({ resource }: Declared): string {
  const [, name = ''] = constructPath(resource).split('/');
  return name.replace(/\d+$/, '').toLowerCase();
}

export function subnetsOf(one: Declared, templates: Templates): Declared[] {
  return madeWith(one, templates).filter(({ resource }) => resource.Type === 'AWS::EC2::Subnet');
}

/** The index of a resource's zone among those of the region, as `Fn::Select` has it. */
export function zoneOf({ resource }: Declared): number | undefined {
  const zone = resource.Properties?.AvailabilityZone;
  const select = isObject(zone) ? zone['Fn::Select'] : undefined;
  return Array.isArray(select) ? Number(select[0]) : undefined;
}

/** `Shop-Services/Box/Group` is the box, `Shop-Data/Content/Media` the media, as in a sentence. */
export function nameOf({ logicalId, resource }: Declared): string {
  const path = constructPath(resource).split('/').slice(1);
  const telling = path.filter((part) => !/^(Group|Function|Instance|Cluster)$/.test(part));
  return words(telling.at(-1) ?? logicalId);
}

/** What the firewall says that something is, in the words of its security group: "Web servers: nginx". */
export function said(one: Declared, templates: Templates): { title: string; lines: string[] } {
  const group = madeWith(one, templates).find(({ resource }) => resource.Type === 'AWS::EC2::SecurityGroup');
  const [title = '', ...rest] = textOf(group?.resource.Properties?.GroupDescription).split(': ');
  return { title: title || capital(nameOf(one)), lines: rest };
}

/** "zone 1" and so on where something has a subnet, '' in the other zones of the region's subnets. */
export function zonesOf(one: Declared, templates: Templates): string[] {
  const used = subnetsOf(one, templates).map(zoneOf);
  if (used.length === 0) return [];
  const zones = everyResource(templates).flatMap((each) =>
    each.resource.Type === 'AWS::EC2::Subnet' ? [zoneOf(each) ?? 0] : [],
  );
  const all = [...new Set(zones)].sort();
  return all.map((zone) => (used.includes(zone) ? `zone ${zone + 1}` : ''));
}

/** A property some levels down; undefined when a level is missing. */
export function inside(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((level, name) => {
    return isObject(level) ? level[name] : undefined;
  }, value);
}

/** What stands as it is, or the name of what is only known when it is deployed. */
export function textOf(value: Json | undefined): string {
  return isObject(value) ? (references(value)[0]?.logicalId ?? '') : String(value ?? '');
}

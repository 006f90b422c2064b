import {
  constructPath,
  importsOf,
  isObject,
  type Json,
  type Resource,
  references,
  type Templates,
} from './cloudformation';
import { inline } from './render';
import { type ResolvedResource, resolveReferences } from './resolve-references';
import { alignedTable } from './table';

/** Every port that a phase's security groups open, as a sorted table in plain text. */
export function openPorts(templates: Templates): string {
  const rows = bothEnds(
    portRules(templates).map((rule) => ({ ...rule, from: rule.from.name, to: rule.to.name })),
  );
  const cells = rows.map(({ from, to, port, opened, why }) => [from, to, port, opened, why]);
  const sorted = cells.sort((one, other) => (one.join('\0') < other.join('\0') ? -1 : 1));
  return alignedTable(['from', 'to', 'port', 'opened', 'why'], sorted);
}

/** One end of a rule: its readable name, and the security group or prefix list, if a template declares it. */
export interface End {
  readonly name: string;
  readonly declared: ResolvedResource | undefined;
}

export interface PortRule {
  readonly from: End;
  readonly to: End;
  readonly port: string;
  /** The end whose group has the rule. */
  readonly opened: 'in' | 'out';
  readonly why: string;
}

/** The connections that the security groups of a phase allow, rule by rule. */
export function portRules(templates: Templates): PortRule[] {
  return Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources)
      .flatMap(([logicalId, resource]) => rulesOf(stack, logicalId, resource))
      .map((rule) => portRule(rule, templates)),
  );
}

interface Rule {
  readonly stack: string;
  readonly direction: 'in' | 'out';
  readonly group: Json | undefined;
  readonly properties: Readonly<Record<string, Json>>;
}

interface OpenPort {
  readonly from: string;
  readonly to: string;
  readonly port: string;
  /** The end whose group has the rule; two groups are connected by `both` alone. */
  readonly opened: 'in' | 'out' | 'both';
  readonly why: string;
}

/** The rules that EC2 adds to a group without an inline outbound rule. */
const everythingOut: readonly Json[] = ['CidrIp', 'CidrIpv6'].map((family) => ({
  [family]: family === 'CidrIp' ? '0.0.0.0/0' : '::/0',
  IpProtocol: '-1',
  Description: "EC2's default: the group has no outbound rule of its own",
}));

/** The CDK's placeholder for "no outbound rule", which EC2 cannot express: a rule to an unused address. */
const nobody = '255.255.255.255/32';

function rulesOf(stack: string, logicalId: string, { Type, Properties = {} }: Resource): Rule[] {
  const alone = { stack, group: Properties.GroupId, properties: Properties };
  if (Type === 'AWS::EC2::SecurityGroupIngress') return [{ ...alone, direction: 'in' }];
  if (Type === 'AWS::EC2::SecurityGroupEgress') return [{ ...alone, direction: 'out' }];
  if (Type !== 'AWS::EC2::SecurityGroup') return [];
  const inside = (direction: 'in' | 'out', listed: Json | undefined) =>
    (Array.isArray(listed) ? listed : []).filter(isObject).map((properties) => ({
      stack,
      direction,
      group: { Ref: logicalId },
      properties,
    }));
  return [
    ...inside('in', Properties.SecurityGroupIngress),
    ...inside('out', Properties.SecurityGroupEgress ?? everythingOut),
  ].filter(({ properties }) => properties.CidrIp !== nobody);
}

const ends = [
  'CidrIp',
  'CidrIpv6',
  'SourceSecurityGroupId',
  'DestinationSecurityGroupId',
  'SourcePrefixListId',
  'DestinationPrefixListId',
];

function portRule({ stack, direction, group, properties }: Rule, templates: Templates): PortRule {
  const own = endOf(group, stack, templates);
  const peer = endOf(properties[ends.find((end) => properties[end] !== undefined) ?? ''], stack, templates);
  const [from, to] = direction === 'in' ? [peer, own] : [own, peer];
  return { from, to, port: portOf(properties), opened: direction, why: String(properties.Description ?? '') };
}

/** Merges the rules of both ends of a connection into one row if their descriptions are equal. */
function bothEnds(ports: readonly OpenPort[]): OpenPort[] {
  const key = ({ from, to, port, why }: OpenPort) => JSON.stringify([from, to, port, why]);
  const groups = new Map<string, OpenPort>();
  for (const port of ports) {
    const other = groups.get(key(port));
    groups.set(key(port), other && other.opened !== port.opened ? { ...port, opened: 'both' } : port);
  }
  return [...groups.values()];
}

const everywhere: Readonly<Record<string, string>> = {
  '0.0.0.0/0': 'internet (IPv4)',
  '::/0': 'internet (IPv6)',
};

/** Names declared resources by construct path without the stack, and anything else literally. */
function endOf(peer: Json | undefined, stack: string, templates: Templates): End {
  if (peer === undefined) return { name: '?', declared: undefined };
  if (typeof peer === 'string') return { name: everywhere[peer] ?? peer, declared: undefined };
  const [declared] = resolveReferences(peer, stack, templates);
  const name = declared ? nameOf(declared) : (importsOf(peer)[0] ?? references(peer)[0]?.logicalId);
  return { name: name ?? inline(peer), declared };
}

/** Addresses of AWS itself are looked up by a custom resource: `Custom::S3PrefixList`. */
function nameOf({ logicalId, resource }: ResolvedResource): string {
  const [, service] = /^Custom::(\w+)PrefixList$/.exec(resource.Type) ?? [];
  if (service) return `${service} (prefix list)`;
  return constructPath(resource).split('/').slice(1).join('/') || logicalId;
}

function portOf({ IpProtocol, FromPort, ToPort }: Rule['properties']): string {
  const protocol = String(IpProtocol);
  if (protocol === '-1') return 'all';
  if (!/^(tcp|udp|6|17)$/.test(protocol)) return protocol;
  const suffix = /^(udp|17)$/.test(protocol) ? '/udp' : '';
  return (FromPort === ToPort ? `${FromPort}` : `${FromPort}-${ToPort}`) + suffix;
}

import {
  constructPath,
  exportsOf,
  importsOf,
  isObject,
  type Json,
  type Resource,
  references,
  type Templates,
} from './cloudformation';
import { inline } from './render';
import { alignedTable } from './table';

/** Every port that a phase's security groups open, as a sorted table in plain text. */
export function openPorts(templates: Templates): string {
  const rules = Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).flatMap(([logicalId, resource]) => rulesOf(stack, logicalId, resource)),
  );
  const rows = bothEnds(rules.map((rule) => openPort(rule, templates)));
  const cells = rows.map(({ from, to, port, opened, why }) => [from, to, port, opened, why]);
  const sorted = cells.sort((one, other) => (one.join('\0') < other.join('\0') ? -1 : 1));
  return alignedTable(['from', 'to', 'port', 'opened', 'why'], sorted);
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

/** What EC2 adds to a group that has no outbound rule inside its own resource. */
const everythingOut: readonly Json[] = ['CidrIp', 'CidrIpv6'].map((family) => ({
  [family]: family === 'CidrIp' ? '0.0.0.0/0' : '::/0',
  IpProtocol: '-1',
  Description: "EC2's default: the group has no outbound rule of its own",
}));

/** The CDK's way to say "no outbound rule at all", which EC2 cannot express: a rule to an address that nobody has. */
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

function openPort({ stack, direction, group, properties }: Rule, templates: Templates): OpenPort {
  const own = nameOf(group, stack, templates);
  const peer = nameOf(properties[ends.find((end) => properties[end] !== undefined) ?? ''], stack, templates);
  const [from, to] = direction === 'in' ? [peer, own] : [own, peer];
  return { from, to, port: portOf(properties), opened: direction, why: String(properties.Description ?? '') };
}

/** One row for a connection that both ends open with the same words. */
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

/** What the template declares by its construct path without the stack, anything else as it is written. */
function nameOf(peer: Json | undefined, stack: string, templates: Templates): string {
  if (peer === undefined) return '?';
  if (typeof peer === 'string') return everywhere[peer] ?? peer;
  const [imported] = importsOf(peer);
  if (imported !== undefined) {
    const [producer] = Object.keys(templates).filter((each) => exportsOf(templates[each]).has(imported));
    return producer ? nameOf(exportsOf(templates[producer]).get(imported), producer, templates) : imported;
  }
  const { logicalId } = references(peer)[0] ?? { logicalId: inline(peer) };
  const resource = templates[stack]?.Resources?.[logicalId];
  return constructPath(resource).split('/').slice(1).join('/') || logicalId;
}

function portOf({ IpProtocol, FromPort, ToPort }: Rule['properties']): string {
  const protocol = String(IpProtocol);
  if (protocol === '-1') return 'all';
  if (!/^(tcp|udp|6|17)$/.test(protocol)) return protocol;
  const suffix = /^(udp|17)$/.test(protocol) ? '/udp' : '';
  return (FromPort === ToPort ? `${FromPort}` : `${FromPort}-${ToPort}`) + suffix;
}

import type { Templates } from './cloudformation';

/** The standard width of a terminal. */
const WIDTH = 80;

/** A synthesized phase. */
export interface PhaseRow {
  readonly number: number;
  readonly title: string;
  readonly users: string;
  readonly templates: Templates;
}

/** A table of the phases and their additions to the previous one, in at most 80 columns. */
export function phaseTable(rungs: readonly PhaseRow[]): string {
  const cells = rungs.map(({ number, title, users, templates }) => {
    const resources = Object.values(templates).flatMap(({ Resources = {} }) => Object.keys(Resources));
    return [String(number), title, users, String(Object.keys(templates).length), String(resources.length)];
  });
  const head = ['phase', 'title', 'users', 'stacks', 'resources'];
  const widths = head.map((_, column) =>
    Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      column < 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
  const adds = rungs.map((rung, index) => added(rungs[index - 1]?.templates ?? {}, rung.templates));
  const body = cells.flatMap((row, index) => [
    line(row).join('  '),
    ...wrapped(adds[index] ?? '', '       '),
  ]);
  return `${[line(head).join('  '), ...body].join('\n')}\n`;
}

/** Permissions, routes, rules, logs and helpers of the CDK: counted together, since a list would hide the rest. */
const plumbing =
  /^AWS::(IAM|Logs)::|^AWS::EC2::(Route|SubnetRoute|VPCGateway|SecurityGroup.)|Permission$|(?<!Scaling)Policy$|^Custom::/;

/** The differences in the number of resources by type, the largest first. */
function added(before: Templates, after: Templates): string {
  const was = typeCounts(before);
  const is = typeCounts(after);
  const grown = [...new Set([...is.keys(), ...was.keys()])]
    .map((type) => ({ type, by: (is.get(type) ?? 0) - (was.get(type) ?? 0) }))
    .sort((one, other) => other.by - one.by || (one.type < other.type ? -1 : 1));
  const rest = grown.filter(({ type }) => plumbing.test(type)).reduce((sum, { by }) => sum + by, 0);
  const parts = [
    ...grown
      .filter(({ type }) => !plumbing.test(type))
      .map(({ type, by }) => ({ by, words: readableType(type, by) })),
    { by: rest, words: 'of plumbing' },
  ];
  const counted = parts
    .filter(({ by }) => by !== 0)
    .map(({ by, words }) => `${by > 0 ? '+' : ''}${by} ${words}`);
  return counted.join(', ') || 'no resources';
}

function typeCounts(templates: Templates): Map<string, number> {
  const types = Object.values(templates).flatMap(({ Resources = {} }) => Object.values(Resources));
  return types.reduce((counts, { Type }) => counts.set(Type, (counts.get(Type) ?? 0) + 1), new Map());
}

/** Common names of services that differ from CloudFormation's. */
const services: Readonly<Record<string, string>> = {
  AutoScaling: '',
  CertificateManager: 'ACM',
  ElasticLoadBalancingV2: 'ELB',
  Route53: 'Route 53',
  SecretsManager: 'Secrets Manager',
  WAFv2: 'WAF',
};

/** `AWS::EC2::SecurityGroup` becomes "EC2 security group", and two of them "EC2 security groups". */
export function readableType(type: string, count = 1): string {
  const [, service = '', name = ''] = type.split('::');
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replace(/\bVpc\b/, 'VPC')
    .replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());
  const singular = `${services[service] ?? service} ${words}`.trim();
  if (Math.abs(count) === 1) return singular;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const part of text.split(', ')) {
    const last = lines.at(-1);
    const longer = `${last}, ${part}`;
    if (last !== undefined && longer.length < WIDTH) lines[lines.length - 1] = longer;
    else lines.push(indent + part);
  }
  return lines.map((line, index) => (index < lines.length - 1 ? `${line},` : line));
}

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openPorts } from '../../review/ports';
import { synthesized } from '../phases/synthesized';

const root = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** SDK clients by the name of the service on the command line. The others are not installed here. */
const CLIENTS: Readonly<Record<string, string>> = {
  autoscaling: 'auto-scaling',
  cloudformation: 'cloudformation',
  cloudfront: 'cloudfront',
  cloudwatch: 'cloudwatch',
  ec2: 'ec2',
  elbv2: 'elastic-load-balancing-v2',
  iam: 'iam',
  kms: 'kms',
  rds: 'rds',
  s3api: 's3',
  secretsmanager: 'secrets-manager',
  'service-quotas': 'service-quotas',
  sns: 'sns',
};

interface Command {
  readonly service: string;
  readonly operation: string;
}
const commandsIn = (text: string): Command[] =>
  [...text.matchAll(/\baws ([a-z0-9-]+)\s+([a-z0-9-]+)/g)].map(([, service = '', operation = '']) => ({
    service,
    operation,
  }));

function operationsOf(service: string): Set<string> {
  const names = Object.keys(require(`@aws-sdk/client-${CLIENTS[service]}`));
  return new Set(names.filter((name) => name.endsWith('Command')).map((name) => name.toLowerCase()));
}

test.each([
  ['docs/deploy.md', 15],
  ['docs/runbook.md', 15],
  ['docs/first-account.md', 4],
] as const)('%s names commands that AWS has', (document, least) => {
  const known = commandsIn(read(document)).filter(({ service }) => service in CLIENTS);
  expect(known.length).toBeGreaterThan(least);
  const unknown = known.filter(
    ({ service, operation }) =>
      operation !== 'wait' && !operationsOf(service).has(`${operation.replaceAll('-', '')}command`),
  );
  expect(unknown).toEqual([]);
});

test('the commands that look name headings and texts that the documents have', () => {
  const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'operate'], {
    cwd: root,
    encoding: 'utf8',
  })
    .trim()
    .split('\n');
  const cited = sources.flatMap((file) =>
    [...read(file).matchAll(/(docs\/[\w.]+), "([^"$]+)"/g)].map(([, document = '', text = '']) => ({
      document,
      text,
    })),
  );
  expect(cited.length).toBeGreaterThan(10);
  expect(cited.filter(({ document, text }) => !read(document).includes(text))).toEqual([]);
});

describe('the runbook', () => {
  const section = (title: string) =>
    read('docs/runbook.md').split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

  test.each(['A host without a shell', 'Restoring beside production'])(
    '"%s" says whose rights its commands need',
    (title) => {
      expect(commandsIn(section(title)).length).toBeGreaterThan(4);
      expect(section(title)).toMatch(/With a deployer's rights/i);
    },
  );

  test('a copy beside production has the security group of the original, which hosts of the app may reach', () => {
    expect(section('Restoring beside production')).toContain('VpcSecurityGroups[0].VpcSecurityGroupId');
    const ports = openPorts(synthesized(5).templates);
    for (const host of ['read', 'write', 'maintenance'])
      expect(ports).toMatch(new RegExp(`^Firewall/${host} +Firewall/database +3306 `, 'm'));
  });

  test('hosts send the streams that are read without a shell', () => {
    const agent =
      read('lib/compute/api/host/cloudwatch-agent.json') + read('lib/compute/web/host/cloudwatch-agent.json');
    for (const stream of ['app', 'nginx', 'host', 'boot']) expect(agent).toContain(`/${stream}"`);
    expect(section('A host without a shell')).toMatch(/`app`, `nginx`, `host` in place of `boot`/);
  });
});

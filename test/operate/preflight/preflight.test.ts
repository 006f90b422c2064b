import { readConfig } from '../../../lib/config';
import { PREFLIGHT_ACTIONS } from '../../../lib/pipeline/looking-actions';
import { openClients } from '../../../operate/aws/clients';
import { lookUp } from '../../../operate/preflight/facts';
import { preflightRows } from '../../../operate/preflight/preflight';
import { exitCode, type Row } from '../../../operate/report/row';
import type { AwsServer } from '../../lib/aws';
import { type Account, denyEverything, healthyAccount, isGranted, startAccount } from '../aws-account';

let account: Account;
let server: AwsServer;
beforeAll(async () => {
  server = await startAccount(() => account);
});
beforeEach(() => {
  server.calls.splice(0);
  server.denials.clear();
});

async function rowsFor(phase: number, options: Record<string, unknown> = {}): Promise<Row[]> {
  const config = readConfig({ phase, ...options }, 'us-east-1');
  return preflightRows(config, await lookUp(config, openClients(config.region)));
}
const ofSubject = (rows: readonly Row[], subject: string) => rows.find((row) => row.subject === subject);
const needing = (rows: readonly Row[]) => rows.filter(({ verdict }) => !['ok', 'skipped'].includes(verdict));

test.each([2, 3, 4, 5])('a healthy account is ready for phase %i after the one before', async (phase) => {
  account = healthyAccount(phase - 1);
  const rows = await rowsFor(phase);
  expect(needing(rows)).toEqual([]);
  expect(exitCode(rows)).toBe(0);
});

test('an empty account needs a bootstrap before the first deploy, and nothing else', async () => {
  account = { ...healthyAccount(1), stacks: {}, networks: 1, addresses: 0, roles: [], placement: undefined };
  expect(needing(await rowsFor(1))).toEqual([
    expect.objectContaining({
      subject: 'bootstrap us-east-1',
      mend: ['npx cdk bootstrap aws://<account>/us-east-1'],
    }),
  ]);
});

type Fault = [
  name: string,
  phase: number,
  break_: (account: Account) => void,
  subject: string,
  found: string,
  mend: RegExp,
];
const faults: Fault[] = [
  ['a phase is skipped', 4, (a) => (a.guard.Phase = '2'), 'phase', '2 is deployed', /one at a time/],
  ['the phase goes down', 3, (a) => (a.guard.Phase = '4'), 'phase', '4 is deployed', /would remove/],
  [
    'the data is on the box',
    3,
    (a) => (a.placement = { data: 'box', since: '', by: '', write: '' }),
    'place of the data',
    'the box',
    /npm run move/,
  ],
  [
    'nothing says where the data is',
    3,
    (a) => (a.placement = undefined),
    'place of the data',
    'the box',
    /npm run move/,
  ],
  [
    'a deploy is under way',
    3,
    (a) => (a.stacks['Shop-Data'] = { status: 'UPDATE_IN_PROGRESS' }),
    'stacks',
    'Shop-Data UPDATE_IN_PROGRESS',
    /describe-stack-events --stack-name Shop-Data/,
  ],
  [
    'a rollback failed',
    3,
    (a) => (a.stacks['Shop-Services'] = { status: 'UPDATE_ROLLBACK_FAILED' }),
    'stacks',
    'Shop-Services UPDATE_ROLLBACK_FAILED',
    /continue-update-rollback --stack-name Shop-Services/,
  ],
  [
    'the bootstrap is old',
    3,
    (a) => (a.stacks.CDKToolkit = { status: 'CREATE_COMPLETE', outputs: { BootstrapVersion: '5' } }),
    'bootstrap us-east-1',
    'version 5, account 111122223333',
    /cdk bootstrap aws:\/\/111122223333\/us-east-1/,
  ],
  [
    'the shop is in other zones',
    3,
    (a) => (a.guard.Zones = 'us-east-1a,us-east-1b,us-east-1d'),
    'zones of the shop',
    'us-east-1a,us-east-1b,us-east-1d',
    /-c zones=us-east-1a,us-east-1b,us-east-1d/,
  ],
  [
    'a zone lacks the type',
    3,
    (a) => (a.offers['t4g.small'] = ['us-east-1a', 'us-east-1c']),
    'zones with t4g.small',
    'not in us-east-1b',
    /keeps its zones/,
  ],
  [
    'a zone lacks serverless databases',
    3,
    (a) => (a.offers['db.serverless'] = ['us-east-1a', 'us-east-1b']),
    'zones of db.serverless',
    'not in us-east-1c',
    /keeps its zones/,
  ],
  [
    'a zone lacks VPC origins',
    3,
    (a) => (a.zones['us-east-1b'] = 'use1-az3'),
    'zones of VPC origins',
    'us-east-1b: use1-az3',
    /keeps its zones/,
  ],
  [
    'a zone lacks functions',
    3,
    (a) => (a.zones['us-east-1b'] = 'use1-az3'),
    'zones of functions',
    'us-east-1b: use1-az3',
    /keeps its zones/,
  ],
  [
    'a zone is not there',
    3,
    (a) => delete a.zones['us-east-1c'],
    'names of zones',
    'use1-az1, use1-az2, no us-east-1c',
    /describe-availability-zones/,
  ],
  [
    'hosts do not fit',
    3,
    (a) => (a.quotas['L-1216C47A'] = 5),
    'vCPUs of hosts',
    '5',
    /--service-code ec2 --quota-code L-1216C47A --desired-value 32/,
  ],
  [
    'growing groups do not fit',
    5,
    (a) => (a.quotas['L-1216C47A'] = 64),
    'vCPUs of hosts',
    '64',
    /--desired-value 128/,
  ],
  [
    'functions do not fit',
    3,
    (a) => (a.quotas['L-B99A9384'] = 10),
    'functions at once',
    '10',
    /--service-code lambda --quota-code L-B99A9384 --desired-value 100/,
  ],
  [
    'RDS has no role',
    2,
    (a) => (a.roles = []),
    'role of RDS',
    'none',
    /create-service-linked-role --aws-service-name rds/,
  ],
  [
    'ElastiCache has no role',
    4,
    (a) => (a.roles = []),
    'role of ElastiCache',
    'none',
    /--aws-service-name elasticache/,
  ],
];

test.each(faults)(
  '%s: phase %i is not ready, and the row says how to mend it',
  async (_, phase, damage, subject, found, mend) => {
    account = healthyAccount(phase - 1);
    damage(account);
    const rows = await rowsFor(phase);
    expect(ofSubject(rows, subject)).toMatchObject({ verdict: 'mend', found });
    expect(ofSubject(rows, subject)?.mend.join('\n')).toMatch(mend);
    expect(exitCode(rows)).toBe(1);
  },
);

test('a shop that is not deployed may take the zones that have everything', async () => {
  account = { ...healthyAccount(1), stacks: { CDKToolkit: healthyAccount(1).stacks.CDKToolkit as never } };
  account.offers['t4g.small'] = ['us-east-1a', 'us-east-1c', 'us-east-1d'];
  expect(ofSubject(await rowsFor(1), 'zones with t4g.small')?.mend).toEqual([
    'npx cdk deploy --all -c zones=us-east-1a,us-east-1c,us-east-1d',
  ]);
});

test('a shop for which a region has too few zones is told to take another region', async () => {
  account = { ...healthyAccount(1), stacks: { CDKToolkit: healthyAccount(1).stacks.CDKToolkit as never } };
  account.offers['t4g.small'] = ['us-east-1a', 'us-east-1c'];
  expect(ofSubject(await rowsFor(1), 'zones with t4g.small')?.mend.join()).toContain('choose another region');
});

describe('a first deploy', () => {
  beforeEach(() => {
    account = { ...healthyAccount(1), stacks: { CDKToolkit: healthyAccount(1).stacks.CDKToolkit as never } };
  });

  test('needs an address and a network more', async () => {
    account = { ...account, addresses: 5, networks: 5 };
    expect(needing(await rowsFor(1)).map(({ subject, found }) => [subject, found])).toEqual([
      ['Elastic IPs', '5 of 5 used'],
      ['VPCs', '5 of 5 used'],
    ]);
  });

  test('does not begin with a phase that needs moved data', async () => {
    expect(ofSubject(await rowsFor(3), 'phase')).toMatchObject({
      verdict: 'mend',
      found: 'none deployed yet',
    });
  });

  test('that failed deployed nothing', async () => {
    account.stacks['Shop-Network'] = { status: 'ROLLBACK_COMPLETE' };
    expect(ofSubject(await rowsFor(1), 'phase')).toMatchObject({ verdict: 'ok', found: 'none deployed yet' });
  });
});

test('a key of your own that new volumes do not take needs nothing', async () => {
  const arn = 'arn:aws:kms:us-east-1:111122223333:key/1';
  account = { ...healthyAccount(1), ownKey: { arn, policy: '{}', grantees: [], unused: true } };
  expect(ofSubject(await rowsFor(1), 'key of new volumes')).toMatchObject({ verdict: 'ok' });
});

test.each([
  ['its policy', { policy: 'AWSServiceRoleForAutoScaling', grantees: [] }, 'ok'],
  ['a grant', { policy: '{}', grantees: ['arn:aws:iam::1:role/x/AWSServiceRoleForAutoScaling'] }, 'ok'],
  ['nothing', { policy: '{}', grantees: ['arn:aws:iam::1:role/other'] }, 'mend'],
] as const)('a key of your own lets Auto Scaling in by %s', async (_, key, verdict) => {
  const arn = 'arn:aws:kms:us-east-1:111122223333:key/1';
  account = { ...healthyAccount(1), ownKey: { arn, ...key, grantees: [...key.grantees] } };
  const row = ofSubject(await rowsFor(1), 'key of new volumes');
  expect(row?.verdict).toBe(verdict);
  if (verdict === 'mend') expect(row?.mend[0]).toContain(`aws kms create-grant --key-id ${arn}`);
});

test('a young account is no fault and no promise: a person has to try', async () => {
  account = { ...healthyAccount(2), balancers: 0, distributions: 0 };
  const rows = await rowsFor(3);
  expect(needing(rows).map(({ subject, verdict }) => [subject, verdict])).toEqual([
    ['balancers', 'look'],
    ['distributions', 'look'],
  ]);
  expect(exitCode(rows)).toBe(3);
});

test('the first name of a CDN needs room for both of its ports', async () => {
  account = healthyAccount(3);
  account.stacks['Shop-Edge'] = { status: 'UPDATE_COMPLETE', outputs: { Url: 'https://d1.cloudfront.net/' } };
  const named = { domain: 'shop.example.com', hostedZoneId: 'Z0123456789ABCDEFGHIJ' };
  expect(ofSubject(await rowsFor(3, named), 'rules of a group')?.mend.join()).toContain(
    '--desired-value 120',
  );
  expect(ofSubject(await rowsFor(3), 'rules of a group')?.verdict).toBe('skipped');
});

test('in another region, CloudFront needs a bootstrap of us-east-1 too', async () => {
  const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'];
  account = {
    ...healthyAccount(2),
    zones: Object.fromEntries(zones.map((zone, at) => [zone, `euw1-az${at + 1}`])),
  };
  account.guard.Zones = zones.join(',');
  for (const type of Object.keys(account.offers)) account.offers[type] = zones;
  const rows = await rowsFor(3, { region: 'eu-west-1' });
  expect(needing(rows)).toEqual([]);
  expect(ofSubject(rows, 'bootstrap us-east-1')?.verdict).toBe('ok');
});

test('without any right, each row says which call was not allowed, and none is called a fault', async () => {
  account = healthyAccount(4);
  denyEverything(server, 'AccessDenied');
  const rows = await rowsFor(5);
  expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['unseen', 'skipped']));
  for (const { verdict, found } of rows) if (verdict === 'unseen') expect(found).toMatch(/^not allowed: \w+/);
  expect(exitCode(rows)).toBe(3);
});

test('a call that is throttled is repeated, and seen', async () => {
  account = healthyAccount(4);
  server.denials.set('DescribeVpcs', ['RequestLimitExceeded']);
  server.denials.set('GetServiceQuota', ['ThrottlingException']);
  process.env.AWS_MAX_ATTEMPTS = '3';
  try {
    expect(needing(await rowsFor(5))).toEqual([]);
  } finally {
    process.env.AWS_MAX_ATTEMPTS = '1';
  }
});

test('a call that stays throttled is told apart from a fault', async () => {
  account = healthyAccount(4);
  server.denials.set('DescribeInstanceTypeOfferings', ['RequestLimitExceeded', 'RequestLimitExceeded']);
  const rows = await rowsFor(5);
  expect(ofSubject(rows, 'zones with c7g.medium')).toMatchObject({
    verdict: 'unseen',
    found: 'throttled: EC2 DescribeInstanceTypeOfferings; try again',
  });
});

test('only calls that read are sent', async () => {
  account = healthyAccount(4);
  await rowsFor(5);
  const actions = new Set(server.calls.map(({ action }) => action));
  expect(actions.size).toBeGreaterThan(12);
  expect([...actions].filter((action) => !/^(Describe|Get|List|GET )/.test(action))).toEqual([]);
  expect([...actions].filter((action) => !isGranted(action, PREFLIGHT_ACTIONS))).toEqual([]);
});

import { readConfig } from '../../../lib/config';
import { DOCTOR_ACTIONS } from '../../../lib/pipeline/looking-actions';
import { openClients } from '../../../operate/aws/clients';
import { doctorRows } from '../../../operate/doctor/doctor';
import { type Facts, lookUp } from '../../../operate/doctor/facts';
import type { Front } from '../../../operate/doctor/front';
import { certificateRow, visitRows } from '../../../operate/doctor/front-rows';
import { exitCode, type Row } from '../../../operate/report/row';
import type { AwsServer } from '../../lib/aws';
import {
  type Account,
  ago,
  denyEverything,
  healthyAccount,
  isGranted,
  NOW,
  startAccount,
  TOPIC,
} from '../aws-account';

let account: Account;
let server: AwsServer;
beforeAll(async () => {
  server = await startAccount(() => account);
});
beforeEach(() => {
  server.calls.splice(0);
  server.denials.clear();
});

const configOf = (phase: number, options: object = {}) => readConfig({ phase, ...options }, 'us-east-1');

/** Without an address of the shop: the visit has tests of its own. */
async function rowsFor(phase: number, options: object = {}): Promise<Row[]> {
  const config = configOf(phase, options);
  const facts = await lookUp(config, openClients(config.region));
  return (await doctorRows(config, facts, undefined, NOW)).filter(
    ({ subject }) => subject !== 'name and certificate',
  );
}
const ofSubject = (rows: readonly Row[], subject: string) => rows.find((row) => row.subject === subject);
const faulty = (rows: readonly Row[]) => rows.filter(({ verdict }) => !['ok', 'skipped'].includes(verdict));

test.each([4, 5])('a healthy shop of phase %i has nothing to mend', async (phase) => {
  account = healthyAccount(phase);
  const rows = await rowsFor(phase);
  expect(faulty(rows)).toEqual([]);
  expect(exitCode(rows)).toBe(0);
});

test('a healthy box has nothing to mend', async () => {
  account = {
    ...healthyAccount(1),
    groups: [{ id: 'BoxGroup', wanted: 1, healthy: 1 }],
    databases: [],
    restores: [],
  };
  const rows = await rowsFor(1);
  expect(faulty(rows)).toEqual([]);
  expect(ofSubject(rows, 'snapshot of volume')).toMatchObject({ verdict: 'ok', found: '2026-11-26' });
});

type Fault = [
  name: string,
  damage: (account: Account) => void,
  subject: string,
  found: string | RegExp,
  mend: RegExp,
];
const faults: Fault[] = [
  ['another phase is deployed', (a) => (a.guard.Phase = '4'), 'phase', '4', /cdk deploy --all -c phase=5/],
  [
    'a stack was rolled back',
    (a) => (a.stacks['Shop-Edge'] = { status: 'UPDATE_ROLLBACK_COMPLETE' }),
    'stacks',
    'Shop-Edge UPDATE_ROLLBACK_COMPLETE',
    /describe-stack-events --stack-name Shop-Edge/,
  ],
  [
    'a stack is missing',
    (a) => delete a.stacks['Shop-Operations'],
    'stacks',
    'Shop-Operations is missing',
    /describe-stack-events/,
  ],
  [
    'a host is unhealthy',
    (a) => (a.groups[1] = { id: 'TiersReadGroup', wanted: 3, healthy: 2 }),
    'hosts of TiersReadGroup',
    '2 healthy',
    /describe-scaling-activities --auto-scaling-group-name Shop-Services-TiersReadGroup/,
  ],
  [
    'a host is not in service yet',
    (a) => (a.groups[1] = { id: 'TiersReadGroup', wanted: 3, healthy: 3, starting: 1 }),
    'hosts of TiersReadGroup',
    '2 healthy',
    /describe-scaling-activities/,
  ],
  [
    'a process is suspended',
    (a) => (a.groups[1] = { id: 'TiersReadGroup', wanted: 3, healthy: 3, suspended: ['Launch'] }),
    'hosts of TiersReadGroup',
    '3 healthy, suspended: Launch',
    /resume-processes/,
  ],
  ['a group is missing', (a) => a.groups.pop(), 'groups of hosts', '2 with hosts', /Hosts are missing/],
  ['no host runs', (a) => (a.runningImages = []), 'image of the hosts', 'no host runs', /Hosts are missing/],
  [
    'the image ends soon',
    (a) => (a.images = [{ id: 'ami-1', deprecated: '2026-12-01T00:00:00.000Z' }]),
    'image of the hosts',
    'deprecated 2026-12-01',
    /A newer image/,
  ],
  [
    'one of two images ends soon',
    (a) => {
      a.runningImages.push('ami-2');
      a.images = [
        { id: 'ami-1', deprecated: '2027-02-20T00:00:00.000Z' },
        { id: 'ami-2', deprecated: '2026-12-01T00:00:00.000Z' },
      ];
    },
    'image of the hosts',
    'deprecated 2026-12-01',
    /A newer image/,
  ],
  [
    'the image was taken back',
    (a) => (a.images = []),
    'image of the hosts',
    'ami-1: taken back',
    /A newer image/,
  ],
  [
    'an instance of the database is missing',
    (a) => a.databases[0]?.members.pop(),
    'database',
    'available, 2',
    /The database is missing/,
  ],
  [
    'the database has no writer',
    (a) => a.databases[0]?.members.fill(false),
    'database',
    'available, 3, no writer',
    /The database is missing/,
  ],
  [
    'the database is of another shop',
    (a) => (a.databases = a.databases.map((one) => ({ ...one, stack: 'Other-Data' }))),
    'database',
    'none of Shop-Data',
    /The database is missing/,
  ],
  [
    'backups stand still',
    (a) => (a.databases = a.databases.map((one) => ({ ...one, until: ago(30) }))),
    'backups of rows',
    '14 days, until 2026-11-25T06:00Z',
    /describe-db-clusters/,
  ],
  [
    'backups are kept too short',
    (a) => (a.databases = a.databases.map((one) => ({ ...one, days: 1 }))),
    'backups of rows',
    /^1 days/,
    /describe-db-clusters/,
  ],
  [
    'the restore drill is old',
    (a) => (a.restores = [{ at: ago(24 * 100) }]),
    'restore drill',
    '2026-08-18',
    /A restore drill/,
  ],
  [
    'the restore drill was refused',
    (a) => (a.restores = [{ at: ago(1), errorCode: 'DBClusterNotFoundFault' }]),
    'restore drill',
    'none in 90 days',
    /A restore drill/,
  ],
  [
    'only a cluster of somebody else was restored',
    (a) =>
      (a.restores = [
        { at: ago(1), of: 'billing' },
        { at: ago(2), of: 'arn:aws:rds:us-east-1:1:cluster:billing' },
      ]),
    'restore drill',
    'none in 90 days',
    /A restore drill/,
  ],
  [
    'an alarm is on',
    (a) => a.alarms.push({ name: 'Shop-Operations-X', state: 'ALARM', actions: [TOPIC] }),
    'alarms',
    '3 alarms, on: Shop-Operations-X',
    /runbook/,
  ],
  [
    'an alarm calls nobody',
    (a) => a.alarms.push({ name: 'Shop-Operations-X', state: 'OK', actions: [] }),
    'alarms',
    '3 alarms, silent: Shop-Operations-X',
    /runbook/,
  ],
  [
    'an alarm is switched off',
    (a) => a.alarms.push({ name: 'Shop-Operations-X', state: 'OK', actions: [TOPIC], off: true }),
    'alarms',
    '3 alarms, silent: Shop-Operations-X',
    /runbook/,
  ],
  ['there are no alarms', (a) => (a.alarms = []), 'alarms', '0 alarms', /runbook/],
  ['no address gets alarms', (a) => (a.subscriptions = []), 'address of alarms', '0 confirmed', /alarmEmail/],
  [
    'the address is not confirmed',
    (a) => (a.subscriptions = [{ arn: 'PendingConfirmation', endpoint: 'you@example.com' }]),
    'address of alarms',
    '0 confirmed, waiting: you@example.com',
    /link/,
  ],
  [
    'the last alarm did not arrive',
    (a) =>
      (a.history = [
        { alarm: 'Shop-Operations-Lag', at: ago(1), summary: `Failed to execute action ${TOPIC}` },
      ]),
    'an alarm arrived',
    /^2026-11-26, Shop-Operations-Lag: Failed/,
    /Prove that alarms arrive/,
  ],
];

test.each(faults)('%s: the row says so, and how to mend it', async (_, damage, subject, found, mend) => {
  account = healthyAccount(5);
  damage(account);
  const rows = await rowsFor(5);
  expect(ofSubject(rows, subject)).toMatchObject({
    verdict: 'mend',
    found: typeof found === 'string' ? found : expect.stringMatching(found),
  });
  expect(ofSubject(rows, subject)?.mend.join('\n')).toMatch(mend);
  expect(exitCode(rows)).toBe(1);
});

test('the windows of an objective call nobody, and their alarm does', async () => {
  account = healthyAccount(5);
  const over = ['Long', 'Short'].map((window) => `Shop-Operations-BrowseFast${window}`);
  account.alarms.push(...over.map((name) => ({ name, state: 'ALARM', actions: [] })));
  account.composites = [{ name: 'Shop-Operations-BrowseFast', over }];
  expect(ofSubject(await rowsFor(5), 'alarms')).toMatchObject({ verdict: 'ok', found: '5 alarms' });
});

test('addresses are those of topics, whatever else an alarm calls', async () => {
  account = healthyAccount(5);
  expect(ofSubject(await rowsFor(5), 'address of alarms')).toMatchObject({ found: '1 confirmed' });
});

test('the address of the shop is that of the stack that moves the traffic', async () => {
  account = healthyAccount(5);
  for (const part of ['Services', 'Edge'])
    account.stacks[`Shop-${part}`] = {
      status: 'UPDATE_COMPLETE',
      outputs: { Url: `http://${part.toLowerCase()}.example.com/` },
    };
  const { front } = await lookUp(configOf(5), openClients('us-east-1'));
  expect(front).toMatchObject({ fact: { url: 'http://edge.example.com/' } });
});

test('a restore of the cluster by its ARN is a drill', async () => {
  account = healthyAccount(5);
  account.restores = [{ at: ago(1), of: 'arn:aws:rds:us-east-1:1:cluster:shop-data-manageddatabase' }];
  expect(ofSubject(await rowsFor(5), 'restore drill')).toMatchObject({ verdict: 'ok' });
});

test('of a shop in another region, the alarms on the CDN are looked at where they are', async () => {
  account = healthyAccount(5);
  const rows = await rowsFor(5, { region: 'eu-west-1' });
  expect(ofSubject(rows, 'alarms')).toMatchObject({ found: '4 alarms' });
  expect(ofSubject(rows, 'stacks')).toMatchObject({ found: 'Shop-EdgeAlarms is missing' });
});

test('an old snapshot of the box is a fault', async () => {
  account = {
    ...healthyAccount(1),
    groups: [{ id: 'BoxGroup', wanted: 1, healthy: 1 }],
    snapshots: [ago(48)],
  };
  expect(ofSubject(await rowsFor(1), 'snapshot of volume')).toMatchObject({
    verdict: 'mend',
    found: '2026-11-24',
  });
});

test('a month without an alarm proves nothing, and a person has to try', async () => {
  account = { ...healthyAccount(5), history: [] };
  const rows = await rowsFor(5);
  expect(faulty(rows)).toEqual([expect.objectContaining({ subject: 'an alarm arrived', verdict: 'look' })]);
  expect(exitCode(rows)).toBe(3);
});

test('without any right, each row says which call was not allowed, and none is called a fault', async () => {
  account = healthyAccount(5);
  denyEverything(server, 'AccessDenied');
  const rows = await rowsFor(5);
  expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['unseen', 'skipped']));
  for (const { verdict, found } of rows) if (verdict === 'unseen') expect(found).toMatch(/^not allowed: \w+/);
});

test('an empty account is a list of faults', async () => {
  account = {
    ...healthyAccount(5),
    ...{
      stacks: {},
      groups: [],
      runningImages: [],
      images: [],
      databases: [],
      restores: [],
      alarms: [],
      subscriptions: [],
      history: [],
    },
  };
  const rows = await rowsFor(5);
  expect(ofSubject(rows, 'phase')).toMatchObject({ verdict: 'mend', found: 'nothing is deployed' });
  expect(rows.filter(({ verdict }) => verdict === 'unseen')).toEqual([]);
});

test('only calls that read are sent', async () => {
  account = healthyAccount(5);
  await rowsFor(5);
  const actions = [...new Set(server.calls.map(({ action }) => action))];
  expect(actions.length).toBeGreaterThan(9);
  expect(actions.filter((action) => !/^(Describe|Get|List|Lookup)/.test(action))).toEqual([]);
  expect(actions.filter((action) => !isGranted(action, DOCTOR_ACTIONS))).toEqual([]);
});

describe('the certificate', () => {
  const seen = (certificate: Front['certificate']) =>
    ({ front: { fact: { url: 'https://shop.example.com/', certificate } } }) as unknown as Facts;
  const days = (number: number) => ago(-24 * number);
  const named = { domain: 'shop.example.com', hostedZoneId: 'Z0123456789ABCDEFGHIJ' };

  test.each([
    ['trusted for a month', undefined, 30, 'ok'],
    ['about to end', undefined, 5, 'mend'],
    ['not trusted', 'SELF_SIGNED_CERT_IN_CHAIN', 30, 'mend'],
  ] as const)('%s', (_, distrusted, left, verdict) => {
    const row = certificateRow(configOf(3, named), seen({ distrusted, validUntil: days(left) }), NOW);
    expect(row.verdict).toBe(verdict);
  });

  test("the box's own is as it has to be without a domain, and gets no password", async () => {
    const facts = seen({ distrusted: 'DEPTH_ZERO_SELF_SIGNED_CERT', validUntil: days(30) });
    expect(certificateRow(configOf(1), facts, NOW).verdict).toBe('skipped');
    expect(await visitRows(facts, { email: 'a@example.com', password: 'secret' })).toEqual([
      expect.objectContaining({ verdict: 'skipped', found: expect.stringContaining('no password is sent') }),
    ]);
  });
});

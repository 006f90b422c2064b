import { phases } from '../../lib/phases';
import { resources, synthesized } from './synthesized';

const operations = (number: number, options: 'default' | 'everything') =>
  Object.entries(synthesized(number, options).templates['Shop-Operations']?.Resources ?? {}).filter(([id]) =>
    id.startsWith('Outside'),
  );
const typesOf = (number: number, options: 'default' | 'everything') =>
  new Set(operations(number, options).map(([, { Type }]) => Type));
const watched = phases.filter(({ watchedFromOutside }) => watchedFromOutside).map(({ number }) => number);
const policies = (number: number, id: RegExp) =>
  JSON.stringify(
    operations(number, 'everything').filter(([name, { Type }]) => id.test(name) && /Policy$/.test(Type)),
  );

test('E5: from phase 5 on, the shop is watched from outside, and before it is not', () => {
  expect(watched[0]).toBe(5);
  for (const { number, watchedFromOutside } of phases)
    expect(typesOf(number, 'default').has('AWS::Synthetics::Canary')).toBe(watchedFromOutside);
});

describe.each(watched)('E5 in phase %s', (number) => {
  test.each([
    ['default', /^https:\/\/<.*DomainName/],
    ['everything', /^https:\/\/shop\.example\.com\/$/],
  ] as const)(
    'the canary visits the public name, outside of the VPC, every five minutes: %s',
    (options, name) => {
      const [canary, ...others] = operations(number, options).filter(
        ([, { Type }]) => Type === 'AWS::Synthetics::Canary',
      );
      expect(others).toEqual([]);
      const properties = canary?.[1].Properties ?? {};
      expect(properties).toMatchObject({
        Schedule: { Expression: 'rate(5 minutes)' },
        RuntimeVersion: expect.stringMatching(/^syn-nodejs-\d/),
        StartCanaryAfterCreation: true,
      });
      expect(properties).not.toHaveProperty('VPCConfig');
      const { SHOP_URL } = (properties.RunConfig as { EnvironmentVariables: Record<string, unknown> })
        .EnvironmentVariables;
      const url = typeof SHOP_URL === 'string' ? SHOP_URL : `https://<${JSON.stringify(SHOP_URL)}>`;
      expect(url).toMatch(name);
    },
  );

  test('the canary writes its runs and its metrics, reads its password, and may do nothing else', () => {
    const allowed = [...policies(number, /CanaryRole/).matchAll(/"([a-z0-9]+:[A-Za-z*]+)"/g)].map(
      ([, action]) => action,
    );
    expect(allowed.filter((action) => !action?.startsWith('cloudwatch:namespace')).sort()).toEqual([
      'cloudwatch:PutMetricData',
      's3:GetBucketLocation',
      's3:PutObject',
      'secretsmanager:GetSecretValue',
    ]);
  });

  test('nothing is reported to others unless an option names a secret', () => {
    expect(typesOf(number, 'default')).not.toContain('AWS::Lambda::Function');
    expect(typesOf(number, 'everything')).toContain('AWS::Lambda::Function');
  });

  test('the incidents function is outside of the VPC, reads two secrets, and keeps what it cannot deliver', () => {
    const found = operations(number, 'everything');
    const fn = found.find(([, { Type }]) => Type === 'AWS::Lambda::Function')?.[1].Properties;
    expect(fn).not.toHaveProperty('VpcConfig');
    expect(fn?.Environment).toEqual({
      Variables: { PAGERDUTY_SECRET: 'shop/pagerduty', SENTRY_SECRET: 'shop/sentry' },
    });
    const policy = policies(number, /Incidents/);
    expect(policy).toContain('secret:shop/pagerduty-??????');
    expect(policy).toContain('secret:shop/sentry-??????');
    expect(policy).not.toContain('"Resource":"*"');
    const invoke = found.find(([, { Type }]) => Type === 'AWS::Lambda::EventInvokeConfig')?.[1].Properties;
    expect(invoke).toMatchObject({
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
    });
  });

  test('alarms reach PagerDuty, and lines about errors Sentry', () => {
    const found = operations(number, 'everything').map(([, { Type, Properties }]) => ({ Type, Properties }));
    const filter = found.find(({ Type }) => Type === 'AWS::Logs::SubscriptionFilter')?.Properties;
    expect(filter?.FilterPattern).toBe('{ ($.level = "error") || ($.level = "fatal") }');
    expect(JSON.stringify(filter?.LogGroupName)).toContain('FleetLog');
    expect(found).toContainEqual({
      Type: 'AWS::SNS::Subscription',
      Properties: expect.objectContaining({ Protocol: 'lambda' }),
    });
  });

  test('the canary, the incidents function and its queue have alarms', () => {
    const alarms = Object.keys(
      synthesized(number, 'everything').templates['Shop-Operations']?.Resources ?? {},
    );
    for (const name of ['CanaryFails', 'IncidentsFailed', 'IncidentsUndelivered'])
      expect(alarms.filter((id) => id.startsWith(name))).toHaveLength(1);
  });
});

test('E5: reads are logged by a share from the phase on whose log would cost more than its hosts', () => {
  expect(phases.map(({ loggedReadsPercent }) => loggedReadsPercent)).toEqual(
    phases.map(({ number }) => (number < 5 ? 100 : 1)),
  );
  const shares = resources('AWS::EC2::LaunchTemplate').map(({ phase, properties }) => [
    Number(phase.split(' ')[0]),
    ...[...JSON.stringify(properties).matchAll(/LOGGED_READS_PERCENT='?(\d+)/g)].map(
      ([, percent]) => percent,
    ),
  ]);
  const told = shares.filter(([, share]) => share !== undefined);
  expect(told.length).toBeGreaterThan(0);
  for (const [phase, share] of told) expect([phase, share]).toEqual([phase, Number(phase) < 5 ? '100' : '1']);
});

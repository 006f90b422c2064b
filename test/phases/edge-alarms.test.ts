import { phases } from '../../lib/phases';
import { synthesized } from './synthesized';

/** Alarms on CloudFront and WAF: in us-east-1 (the default), and of a shop in another region (everything). */
const withCdn = phases.filter(({ edge }) => edge === 'cdn').map(({ number }) => number);
const inStack = (number: number, options: 'default' | 'everything', stack: string, type: string) =>
  Object.entries(synthesized(number, options).templates[stack]?.Resources ?? {})
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties = {} }]) => ({ id: id.replace(/[0-9A-F]{8}$/, ''), properties: Properties }));
const EDGE = ['CdnErrors', 'CustomersBlocked'];

test('a phase without a CDN has no alarm on one', () => {
  for (const { number } of phases.filter(({ edge }) => edge !== 'cdn')) {
    const ids = inStack(number, 'default', 'Shop-Operations', 'AWS::CloudWatch::Alarm').map(({ id }) => id);
    expect(ids.filter((id) => EDGE.includes(id))).toEqual([]);
    expect(synthesized(number, 'everything').templates).not.toHaveProperty('Shop-EdgeAlarms');
  }
});

describe.each(withCdn)('OPS-1: in phase %i errors of the CDN and blocked requests tell people', (number) => {
  test('by the topic of all alarms, where the shop is in the region of CloudFront’s metrics', () => {
    const found = inStack(number, 'default', 'Shop-Operations', 'AWS::CloudWatch::Alarm').filter(({ id }) =>
      EDGE.includes(id),
    );
    expect(found.map(({ id }) => id)).toEqual(EDGE);
    expect(synthesized(number).templates).not.toHaveProperty('Shop-EdgeAlarms');
  });

  test('by a topic beside them, where the shop is elsewhere', () => {
    const ids = inStack(number, 'everything', 'Shop-Operations', 'AWS::CloudWatch::Alarm').map(
      ({ id }) => id,
    );
    expect(ids.filter((id) => EDGE.includes(id))).toEqual([]);
    const found = inStack(number, 'everything', 'Shop-EdgeAlarms', 'AWS::CloudWatch::Alarm');
    expect(found.map(({ id }) => id)).toEqual(EDGE);
    for (const { properties } of found)
      expect(properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^AlarmsTopic/) }]);
    expect(inStack(number, 'everything', 'Shop-EdgeAlarms', 'AWS::SNS::Subscription')).toEqual([
      { id: expect.any(String), properties: expect.objectContaining({ Endpoint: 'shop@example.com' }) },
    ]);
  });

  test('the web ACL reports under the name that the alarm reads, which is the shop’s own', () => {
    for (const options of ['default', 'staging'] as const) {
      const { templates } = synthesized(number, options);
      const shop = options === 'default' ? 'Shop' : 'Staging';
      const text = (stack: string) => JSON.stringify(templates[`${shop}-${stack}`]);
      expect(text('Global')).toContain(`"MetricName":"${shop}"`);
      expect(text('Operations')).toContain(`{"Name":"WebACL","Value":"${shop}"}`);
    }
  });
});

const reported = phases.filter(({ watchedFromOutside }) => watchedFromOutside).map(({ number }) => number);

test.each(reported)('E5: in phase %i PagerDuty hears of them from another region, too', (number) => {
  const subscriptions = inStack(number, 'everything', 'Shop-Operations', 'AWS::SNS::Subscription').filter(
    ({ properties }) => properties.Region === 'us-east-1',
  );
  expect(subscriptions).toHaveLength(1);
  const properties = subscriptions[0]?.properties ?? {};
  expect(properties).toMatchObject({
    Protocol: 'lambda',
    Endpoint: { 'Fn::GetAtt': [expect.stringMatching(/^OutsideIncidentsFunction/), 'Arn'] },
  });
  const permissions = inStack(number, 'everything', 'Shop-Operations', 'AWS::Lambda::Permission');
  // The topic may call the function, and no other topic of the account.
  expect(permissions.map((one) => one.properties.SourceArn)).toContainEqual(properties.TopicArn);
});

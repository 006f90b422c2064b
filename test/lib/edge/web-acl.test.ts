import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { edgeFixture } from './edge-fixture';

interface WrittenRule {
  readonly Name: string;
  readonly Priority: number;
  readonly Action?: object;
  readonly OverrideAction?: object;
  readonly Statement: Readonly<Record<string, Record<string, unknown>>>;
  readonly VisibilityConfig: Record<keyof CfnWebACL.VisibilityConfigProperty, unknown>;
}

const [acl] = edgeFixture({ domain: false }).all('AWS::WAFv2::WebACL');
const rules = acl?.Rules as unknown as readonly WrittenRule[];
const named = (name: string) => {
  const rule = rules.find(({ Name }) => Name === name);
  if (!rule) throw new Error(`no rule ${name}`);
  return rule;
};
const text = (value: unknown) => JSON.stringify(value);

test('EDGE-4: the lists of AWS block, and each rule is measured', () => {
  expect(acl).toMatchObject({ Scope: 'CLOUDFRONT', DefaultAction: { Allow: {} } });
  expect(rules.map(({ Name }) => Name)).toEqual([
    'RateLimit',
    'AWSManagedRulesAmazonIpReputationList',
    'AWSManagedRulesKnownBadInputsRuleSet',
    'AWSManagedRulesCommonRuleSet',
    'AWSManagedRulesSQLiRuleSet',
    'AttackInABody',
  ]);
  expect(rules.map(({ Priority }) => Priority)).toEqual([0, 1, 2, 3, 4, 5]);
  for (const { Name, OverrideAction, VisibilityConfig } of rules) {
    if (Name.startsWith('AWS')) expect(OverrideAction).toEqual({ None: {} });
    expect(VisibilityConfig).toMatchObject({ CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true });
  }
});

test('EDGE-4: an address is held to a number of API requests, and told so as nginx does', () => {
  const { Statement, Action } = named('RateLimit');
  expect(Statement.RateBasedStatement).toMatchObject({
    ...{ AggregateKeyType: 'IP', Limit: 6000, EvaluationWindowSec: 300 },
  });
  expect(text(Statement.RateBasedStatement?.ScopeDownStatement)).toContain('"SearchString":"/api/"');
  expect(text(Action)).toMatch(/"ResponseCode":429.*"Name":"Retry-After","Value":"60"/);
  const [, key = ''] = /"CustomResponseBodyKey":"([^"]+)"/.exec(text(Action)) ?? [];
  const bodies = acl?.CustomResponseBodies as unknown as Record<
    string,
    { Content: string; ContentType: string }
  >;
  expect(Object.keys(bodies)).toEqual([key]);
  expect(bodies[key]?.ContentType).toBe('APPLICATION_JSON');
  expect(JSON.parse(bodies[key]?.Content ?? '')).toEqual({
    ...{ type: 'too-many-requests', title: expect.stringMatching(/^Too many/), status: 429 },
  });
});

test('a path is compared as CloudFront reads it, so that no spelling of it escapes', () => {
  const compared = text(rules).match(/"TextTransformations":\[[^\]]*\]/g) ?? [];
  expect(compared).toHaveLength(3);
  for (const one of compared) expect(one).toMatch(/URL_DECODE.*NORMALIZE_PATH/);
});

test('long bodies and clients without a name are let in', () => {
  const counted = text(named('AWSManagedRulesCommonRuleSet').Statement);
  for (const rule of ['SizeRestrictions_BODY', 'NoUserAgent_HEADER']) {
    expect(counted).toContain(`{"ActionToUse":{"Count":{}},"Name":"${rule}"}`);
    expect(text(named('AttackInABody'))).not.toContain(rule.split('_')[0]);
  }
});

test('a body that looks like an attack is blocked, but for a password', () => {
  const { Statement, Action } = named('AttackInABody');
  expect(Action).toEqual({ Block: {} });
  const labels = [...text(Statement).matchAll(/managed:aws:[^:]*:(\w+)_Body/g)].map(
    ([, rule]) => `${rule}_BODY`,
  );
  const counted = [...text(rules).matchAll(/"Name":"(\w+_BODY)"/g)].map(([, rule]) => rule);
  expect(labels.toSorted()).toEqual(counted.filter((rule) => rule !== 'SizeRestrictions_BODY').toSorted());
  expect(text(Statement.AndStatement)).toMatch(
    /NotStatement.*"\/api\/users".*NotStatement.*"\/api\/sessions"/,
  );
});

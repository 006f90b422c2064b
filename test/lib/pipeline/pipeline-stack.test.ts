import { NEVER_FOR_PULL_REQUESTS, PREFLIGHT_ACTIONS } from '../../../lib/pipeline/looking-actions';
import type { Json, Resource, Template } from '../../../review/cloudformation';
import { synthesisOf } from '../../../review/synthesis';
import { synthesizePhase } from '../../../review/synthesize';

const PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com';
const synthesized = (options: object): Template => {
  const { templates } = synthesisOf(
    synthesizePhase({ number: 1 }, { context: { repository: 'acme/shop', ...options } }),
  );
  return templates['Shop-Pipeline'] ?? {};
};

let stack: Template;
beforeAll(() => {
  stack = synthesized({ region: 'eu-west-1' });
});

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: Json;
  readonly Condition?: Record<string, Record<string, string>>;
}
const listed = (one: string | string[]) => (Array.isArray(one) ? one : [one]);
const ofType = (type: string) =>
  Object.entries(stack.Resources ?? {}).filter(([, { Type }]) => Type === type);
const role = (name: string): [string, Resource] => {
  const found = ofType('AWS::IAM::Role').find(([id]) => id.startsWith(name));
  if (!found) throw new Error(`There is no role ${name}`);
  return found;
};
const statementsOf = (document: Json | undefined) =>
  (document as unknown as { Statement: Statement[] } | undefined)?.Statement ?? [];
const statements = (name: string): Statement[] => {
  const [id] = role(name);
  return ofType('AWS::IAM::Policy')
    .filter(([, { Properties }]) => JSON.stringify(Properties?.Roles).includes(`"${id}"`))
    .flatMap(([, { Properties }]) => statementsOf(Properties?.PolicyDocument));
};
const trust = (name: string) => statementsOf(role(name)[1].Properties?.AssumeRolePolicyDocument);

test('without a repository there is no pipeline', () => {
  const { templates } = synthesisOf(synthesizePhase({ number: 1 }));
  expect(Object.keys(templates)).not.toContain('Shop-Pipeline');
});

test.each([
  ['DeployRole', 'repo:acme/shop:environment:production'],
  ['ReviewRole', 'repo:acme/shop:pull_request'],
])('%s is for one subject, compared as a whole', (name, subject) => {
  const [only, ...others] = trust(name);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ Effect: 'Allow', Action: 'sts:AssumeRoleWithWebIdentity' });
  expect(only?.Condition).toEqual({
    StringEquals: {
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': subject,
    },
  });
  expect(JSON.stringify(only?.Condition)).not.toContain('*');
});

test("an account's own provider is taken, and none is made", () => {
  stack = synthesized({ oidcProvider: PROVIDER });
  expect(ofType('AWS::IAM::OIDCProvider')).toEqual([]);
  expect(JSON.stringify(trust('DeployRole'))).toContain(PROVIDER);
  stack = synthesized({ region: 'eu-west-1' });
  expect(ofType('AWS::IAM::OIDCProvider')).toHaveLength(1);
});

test('a deploy takes the roles of the bootstrap, in the region of the shop and of CloudFront, and reads the marker', () => {
  const allowed = statements('DeployRole').filter(({ Effect }) => Effect === 'Allow');
  const assume = allowed.find(({ Action }) => Action === 'sts:AssumeRole');
  const names = JSON.stringify(assume?.Resource).match(/cdk-hnb659fds-[a-z-]+?-role-/g);
  expect(new Set(names)).toEqual(
    new Set(['deploy', 'file-publishing', 'lookup'].map((kind) => `cdk-hnb659fds-${kind}-role-`)),
  );
  expect(JSON.stringify(assume?.Resource)).toMatch(/eu-west-1[\s\S]*us-east-1|us-east-1[\s\S]*eu-west-1/);
  expect(JSON.stringify(assume?.Resource)).not.toMatch(/cfn-exec|\*/);
  const writing = allowed
    .flatMap(({ Action }) => listed(Action))
    .filter((action) => !/:(Describe|Get|List|Lookup)/.test(action) && action !== 'sts:AssumeRole');
  expect(writing).toEqual([]);
  const reads = allowed.filter(({ Action }) => listed(Action).includes('s3:GetObject'));
  expect(JSON.stringify(reads.map(({ Resource }) => Resource))).toMatch(
    /shop-data-deployments\*\/placement\.json/,
  );
});

test('a pull request may look at the account, and reads no secret, no data and no role', () => {
  const all = statements('ReviewRole');
  const allowed = all.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => listed(Action));
  expect(new Set(allowed)).toEqual(new Set(PREFLIGHT_ACTIONS));
  // The author of a pull request learns neither who gets alarms nor who did what in the account.
  expect(allowed.filter((action) => /^(sns|cloudtrail|cloudwatch):/.test(action))).toEqual([]);
  const denied = all.filter(({ Effect }) => Effect === 'Deny');
  expect(new Set(denied.flatMap(({ Action }) => listed(Action)))).toEqual(new Set(NEVER_FOR_PULL_REQUESTS));
  expect(denied.every(({ Resource }) => Resource === '*')).toBe(true);
  const never = NEVER_FOR_PULL_REQUESTS.map((action) => new RegExp(`^${action.replace('*', '.*')}$`));
  expect(allowed.filter((action) => never.some((pattern) => pattern.test(action)))).toEqual([]);
});

test('no role may do everything of a service, and none has a managed policy', () => {
  for (const name of ['DeployRole', 'ReviewRole']) {
    const actions = statements(name)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => listed(Action));
    expect(actions.filter((action) => action.includes('*'))).toEqual([]);
    expect(role(name)[1].Properties?.ManagedPolicyArns).toBeUndefined();
  }
});

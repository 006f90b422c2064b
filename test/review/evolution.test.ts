import fc from 'fast-check';
import type { Json, Resource } from '../../review/cloudformation';
import { stepFindings } from '../../review/evolution';
import type { Synthesis } from '../../review/synthesis';
import { resource, synthesis, template } from './template-fixtures';

const types = [
  'AWS::S3::Bucket',
  'AWS::RDS::DBCluster',
  'AWS::EC2::SecurityGroup',
  'AWS::EC2::LaunchTemplate',
  'AWS::Logs::LogGroup',
  'Custom::PhaseGuard',
];
const logicalId = fc.constantFrom('A', 'B', 'C', 'D');
const value: fc.Arbitrary<Json> = fc.oneof(
  fc.string(),
  fc.integer(),
  logicalId.map((id): Json => ({ 'Fn::GetAtt': [id, 'Arn'] })),
  fc.constant<Json>({ 'Fn::ImportValue': 'Shop:A' }),
);
const anyResource: fc.Arbitrary<Resource> = fc.record({
  Type: fc.constantFrom(...types),
  Properties: fc.dictionary(fc.constantFrom('GroupDescription', 'Engine', 'ServiceToken', 'Tags'), value, {
    noNullPrototype: true,
  }),
  DeletionPolicy: fc.constantFrom('Retain', 'Delete', 'Snapshot'),
});
const stack = fc
  .dictionary(logicalId, anyResource, { noNullPrototype: true })
  .map((resources) => template(resources, { A: { Value: { Ref: 'A' }, Export: { Name: 'Shop:A' } } }));
const phase = fc
  .record({ Shop: stack, Edge: stack })
  .map((templates) => ({ templates, protectedStacks: ['Shop'], deployedAfter: {} }));

test('the same phase again has no findings, whatever is in it', () => {
  fc.assert(fc.property(phase, (same) => expect(stepFindings(same, structuredClone(same))).toEqual([])));
});

test('adding a stack and new resources has no findings, whatever stands there', () => {
  fc.assert(
    fc.property(phase, stack, anyResource, (before, added, more) => {
      const { Shop } = before.templates;
      const grown = { ...Shop, Resources: { ...Shop.Resources, New: more } };
      const after = { ...before, templates: { ...before.templates, Shop: grown, Added: added } };
      expect(stepFindings(before, after)).toEqual([]);
    }),
  );
});

test('a stack that vanishes is found, whatever is in it', () => {
  fc.assert(
    fc.property(phase, (before) => {
      const after = { ...before, templates: { Edge: before.templates.Edge } };
      expect(stepFindings(before, after)).toContainEqual(
        expect.objectContaining({ rule: 'stack vanished', stack: 'Shop' }),
      );
    }),
  );
});

test('data that is removed without being retained is found, whatever else is there', () => {
  const bucket = resource('AWS::S3::Bucket', { BucketName: 'photos' }, { DeletionPolicy: 'Delete' });
  fc.assert(
    fc.property(phase, (after) => {
      const { Shop } = after.templates;
      const before = { ...Shop, Resources: { ...Shop.Resources, Photos: bucket } };
      const found = stepFindings({ ...after, templates: { ...after.templates, Shop: before } }, after);
      expect(found.map(({ rule, logicalId: id }) => `${rule}: ${id}`)).toEqual(['data removed: Photos']);
    }),
  );
});

describe('the volume of the box, which a way back needs,', () => {
  const guard = (MarkerIn?: string) =>
    template({ Phase: resource('Custom::PhaseGuard', { Phase: '3', ...(MarkerIn && { MarkerIn }) }) });
  const shop = (volume: Partial<Resource> | undefined, { MarkerIn = 'Shop-Data', id = 'DataVolume' } = {}) =>
    synthesis({
      'Shop-Network': guard(MarkerIn),
      'Shop-Data': template(
        volume ? { [id]: resource('AWS::EC2::Volume', { AvailabilityZone: 'us-east-1a' }, volume) } : {},
      ),
    });
  const kept = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };
  const snapshot = { ...kept, DeletionPolicy: 'Snapshot' };
  const found = (before: Synthesis, after: Synthesis) => stepFindings(before, after).map(({ rule }) => rule);

  test('may end with a final snapshot once the guard has closed that way', () => {
    expect(found(shop(kept), shop(snapshot))).toEqual([]);
    expect(found(shop(snapshot), shop(undefined))).toEqual([]);
  });

  test('may not while the way is open', () => {
    const open = { MarkerIn: '' };
    expect(found(shop(kept, open), shop(snapshot))).toEqual(['data less protected']);
    expect(found(shop(snapshot, open), shop(undefined))).toEqual(['data removed']);
  });

  test('may not end without one, nor be replaced', () => {
    const deleted = { ...kept, DeletionPolicy: 'Delete' };
    expect(found(shop(kept), shop(deleted))).toEqual(['data less protected']);
    expect(found(shop(deleted), shop(undefined))).toEqual(['data removed']);
    expect(found(shop(kept), shop({ ...kept, UpdateReplacePolicy: 'Snapshot' }))).toEqual([
      'data less protected',
    ]);
  });

  test('is the only one that may', () => {
    const other = { id: 'Photos' };
    expect(found(shop(kept, other), shop(snapshot, other))).toEqual(['data less protected']);
    expect(found(shop(snapshot, other), shop(undefined, other))).toEqual(['data removed']);
  });
});

test.each([
  ['AWS::RDS::DBCluster', 'DeletionProtection'],
  ['AWS::DynamoDB::Table', 'DeletionProtectionEnabled'],
])('%s that loses its %s is found', (type, property) => {
  const shop = (properties: Record<string, Json>) =>
    synthesis({ Shop: template({ Rows: resource(type, properties) }) });
  const found = (before: Synthesis, after: Synthesis) => stepFindings(before, after).map(({ what }) => what);
  const lost = [`${type} has a weaker ${property}`];
  expect(found(shop({ [property]: true }), shop({ [property]: false }))).toEqual(lost);
  expect(found(shop({ [property]: true }), shop({}))).toEqual(lost);
  expect(found(shop({}), shop({ [property]: true }))).toEqual([]);
});

test('a finding says where, what, why and what to do', () => {
  const group = (GroupDescription: string) =>
    template({ Box: resource('AWS::EC2::SecurityGroup', { GroupDescription }) });
  const [finding] = stepFindings(synthesis({ Shop: group('The box') }), synthesis({ Shop: group('A box') }));
  expect(finding).toMatchInlineSnapshot(`
{
  "logicalId": "Box",
  "path": "Shop/Box",
  "remedy": "leave these properties as they were; rules and tags are free to change",
  "rule": "network identity replaced",
  "stack": "Shop",
  "what": "AWS::EC2::SecurityGroup is replaced by a change of GroupDescription",
  "why": "hosts of other stacks are still in the old group when CloudFormation wants to delete it, and rules name it",
}
`);
});

describe('EDGE-5: an origin in a VPC, which CloudFront refuses to change while it is in use,', () => {
  const origin = (properties: Record<string, Json>) =>
    resource('AWS::CloudFront::VpcOrigin', {
      VpcOriginEndpointConfig: { Arn: 'balancer', OriginProtocolPolicy: 'http-only' },
      ...properties,
    });
  const edge = (origins: Record<string, Resource>) => synthesis({ Shop: template(origins) });
  const found = (after: Synthesis) =>
    stepFindings(edge({ Web: origin({}) }), after).map(
      ({ rule, logicalId, what }) => `${rule}: ${logicalId}: ${what}`,
    );

  test.each([
    ['Tags', [{ Key: 'Team', Value: 'shop' }]],
    ['VpcOriginEndpointConfig', { Arn: 'balancer', OriginProtocolPolicy: 'https-only' }],
  ])('may not get another %s', (name, value) => {
    expect(found(edge({ Web: origin({ [name]: value }) }))).toEqual([
      `origin in use changed: Web: AWS::CloudFront::VpcOrigin gets another ${name}`,
    ]);
  });

  test('may stay, and may give way to another one', () => {
    expect(found(edge({ Web: origin({}) }))).toEqual([]);
    expect(found(edge({ WebOverTls: origin({}) }))).toEqual([]);
  });
});

test('a function that is replaced can no longer serve its custom resources', () => {
  const served = (FunctionName: string) =>
    synthesis({
      Shop: template({
        Handler: resource('AWS::Lambda::Function', { FunctionName }),
        Release: resource('Custom::Release', { ServiceToken: { 'Fn::GetAtt': ['Handler', 'Arn'] } }),
      }),
    });
  const found = stepFindings(served('one'), served('two'));
  expect(found).toContainEqual(expect.objectContaining({ rule: 'handler changed', logicalId: 'Release' }));
});

describe('an export in use', () => {
  const importer = template({
    Reader: resource('AWS::SSM::Parameter', { Value: { 'Fn::ImportValue': 'Shop:Value' } }),
  });
  const producer = (exported: Json, resources: Record<string, Resource>) =>
    synthesis({
      Reader: importer,
      Shop: template(resources, { Value: { Value: exported, Export: { Name: 'Shop:Value' } } }),
    });
  const launch = (InstanceType: string) =>
    resource('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { InstanceType } });

  test('may not get another value', () => {
    const [finding] = stepFindings(producer('one', {}), producer('two', {}));
    expect(finding).toMatchObject({ rule: 'export changed', stack: 'Shop' });
  });

  const biggerBox = (exported: Json) =>
    stepFindings(
      producer(exported, { Launch: launch('t4g.small') }),
      producer(exported, { Launch: launch('t4g.large') }),
    ).map(({ what }) => what);

  test('may not read what changes with an update', () => {
    const version = { 'Fn::GetAtt': ['Launch', 'LatestVersionNumber'] };
    expect(biggerBox(version)).toEqual(['export Shop:Value changes with Launch']);
  });

  test('may read what stays the same in an update', () => {
    expect(biggerBox({ Ref: 'Launch' })).toEqual([]);
  });
});

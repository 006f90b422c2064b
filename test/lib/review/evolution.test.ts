import fc from 'fast-check';
import type { Json, Resource } from '../../../lib/review/cloudformation';
import { stepFindings } from '../../../lib/review/evolution';
import { resource, synthesis, template } from './made-up';

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
  .map((templates) => ({ templates, protectedStacks: ['Shop'] }));

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

import { constructPath, exportsOf, importsOf, isSame, references } from '../../review/cloudformation';

test('finds what a value refers to, in every form that CloudFormation knows', () => {
  const value = {
    Plain: { Ref: 'Box' },
    Attribute: { 'Fn::GetAtt': ['Box', 'Endpoint.Address'] },
    Short: { 'Fn::GetAtt': 'Box.Arn' },
    Text: { 'Fn::Sub': `in \${Vpc}, at \${Box.Arn}, not \${!this}` },
    Named: { 'Fn::Sub': [`\${Own} and \${Other}`, { Own: { Ref: 'Zone' } }] },
  };
  expect(references(value)).toEqual([
    { logicalId: 'Box' },
    { logicalId: 'Box', attribute: 'Endpoint.Address' },
    { logicalId: 'Box', attribute: 'Arn' },
    { logicalId: 'Vpc' },
    { logicalId: 'Box', attribute: 'Arn' },
    { logicalId: 'Other' },
    { logicalId: 'Zone' },
  ]);
});

test('pairs exports and imports, also by names that are put together', () => {
  const Name = { 'Fn::Sub': `\${AWS::StackName}:Value` };
  const template = { Outputs: { Value: { Value: 1, Export: { Name } }, Url: { Value: 'not exported' } } };
  expect([...exportsOf(template).keys()]).toEqual(importsOf([{ deep: { 'Fn::ImportValue': Name } }]));
});

test('a construct path ends where the code names something', () => {
  const at = (path: string) => constructPath({ Type: 'AWS::S3::Bucket', Metadata: { 'aws:cdk:path': path } });
  expect(at('Shop/Photos/Resource')).toBe('Shop/Photos');
  expect(at('Shop/Guard/Phase/Resource/Default')).toBe('Shop/Guard/Phase');
  expect(constructPath({ Type: 'AWS::S3::Bucket' })).toBe('');
});

test('the order of keys says nothing, the order of items does', () => {
  expect(isSame({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
  expect(isSame({ a: 1, b: [1, 2] }, { a: 1, b: [2, 1] })).toBe(false);
});

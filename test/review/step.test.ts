import fc from 'fast-check';
import { readableStep } from '../../review/step';
import { readableTemplates } from '../../review/template';
import { resource, template } from './template-fixtures';

const launch = (InstanceType: string, userData = '#!/bin/bash\nset -e\ninstall nginx\n') =>
  resource('AWS::EC2::LaunchTemplate', {
    LaunchTemplateData: { InstanceType, Monitoring: { Enabled: true }, UserData: { 'Fn::Base64': userData } },
  });
const volume = resource('AWS::EC2::Volume', { Size: 20, Encrypted: true }, { DeletionPolicy: 'Retain' });
const code = (hash: string) =>
  resource('AWS::Lambda::Function', { Code: { S3Key: `${hash.repeat(64)}.zip` } });
const policy = (...Action: string[]) =>
  resource('AWS::IAM::Policy', { PolicyDocument: { Statement: [{ Action }] } });

const before = {
  Data: template({ Volume: volume, Old: resource('AWS::SQS::Queue') }),
  Gone: template({}),
  Services: template({
    Box: launch('t4g.small'),
    Claim: code('a'),
    Policy: policy('s3:GetObject', 's3:PutObject'),
  }),
};

test('reads like cdk diff: what comes in full, what changes before and after, what goes', () => {
  const longer = '#!/bin/bash\nset -e\ninstall nginx nodejs\nstart\n'.replace(
    'start',
    'start '.repeat(12).trim(),
  );
  const after = {
    Data: template(
      { Old: resource('AWS::S3::Bucket') },
      { Name: { Value: { Ref: 'Old' }, Export: { Name: 'Data:Old' } } },
    ),
    Edge: template({ Zone: resource('AWS::Route53::HostedZone', { Name: 'shop.example.com.' }) }),
    Services: template({
      Box: launch('t4g.large', longer),
      Claim: code('b'),
      Policy: policy('s3:GetObject', 's3:ListBucket', 's3:PutObject'),
    }),
  };
  expect(`\n${readableStep(before, after)}`).toMatchInlineSnapshot(`
"
# Data

[~] AWS::SQS::Queue  Old  (Shop/Old) -> AWS::S3::Bucket  Old  (Shop/Old)

[+] Output  Name
      Value: !Ref Old
      Export: { Name: Data:Old }

[-] AWS::EC2::Volume  Volume  (Shop/Volume)  stays, unmanaged

# Edge (new)

[+] AWS::Route53::HostedZone  Zone  (Shop/Zone)
      Name: shop.example.com.

# Gone (gone)

# Services

[~] AWS::EC2::LaunchTemplate  Box  (Shop/Box)
      LaunchTemplateData.InstanceType: t4g.small -> t4g.large
      LaunchTemplateData.UserData:
        -     install nginx
        +     install nginx nodejs
        +     start start start start start start start start start start start start

[~] AWS::Lambda::Function  Claim  (Shop/Claim)
      Code.S3Key: <asset> -> another <asset>

[~] AWS::IAM::Policy  Policy  (Shop/Policy)
      PolicyDocument.Statement:
        - { Action: [s3:GetObject, s3:PutObject] }
        + { Action: [s3:GetObject, s3:ListBucket, s3:PutObject] }
"
`);
});

test('says what is replaced, and because of what', () => {
  const group = (GroupDescription: string) => ({
    Shop: template({ Box: resource('AWS::EC2::SecurityGroup', { GroupDescription }) }),
  });
  expect(readableStep(group('The box'), group('A box'))).toContain('is replaced because of GroupDescription');
});

test('is one line when nothing changes', () => {
  expect(readableStep(before, structuredClone(before))).toBe('Nothing changes.\n');
});

test('leaves out what every stack has, and the notes of the CDK', () => {
  const text = readableTemplates({
    Data: {
      ...template({ Volume: volume }),
      Parameters: { BootstrapVersion: { Type: 'String' }, Other: { Type: 'String' } },
      Rules: { CheckBootstrapVersion: { Assertions: [] } },
    },
  });
  expect(`\n${text}`).toMatchInlineSnapshot(`
"
# Data

AWS::EC2::Volume  Volume  (Shop/Volume)
  @DeletionPolicy: Retain
  Size: 20
  Encrypted: true

Parameter  Other
  Type: String
"
`);
});

/** Not `toString`: the CDK's comparison calls it, and a property of CloudFormation has no such name. */
const key = fc.string().filter((name) => !(name in {}));

test('every property is in the snapshot of its phase, and every change of one in that of its step', () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.array(fc.string(), { maxLength: 3 }),
    fc.object({ maxDepth: 1, key }),
  );
  const properties = fc.dictionary(fc.constantFrom('A', 'B', 'C'), value, { noNullPrototype: true });
  const shop = properties.map((all) => ({
    Shop: template({ Thing: resource('AWS::S3::Bucket', JSON.parse(JSON.stringify(all))) }),
  }));
  fc.assert(
    fc.property(shop, shop, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(readableTemplates(one)).not.toBe(readableTemplates(other));
      expect(readableStep(one, other)).not.toBe(readableStep(one, one));
    }),
  );
});

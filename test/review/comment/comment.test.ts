import type { Template, Templates } from '../../../review/cloudformation';
import { COMMENT_MARK, MOST_BYTES, reviewComment } from '../../../review/comment/comment';
import { resource, synthesis, template } from '../template-fixtures';

const guard = (phase: number) => resource('Custom::PhaseGuard', { Phase: String(phase) });
const role = (Service: string) =>
  resource('AWS::IAM::Role', {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } }],
    },
  });
const policy = (...Action: string[]) =>
  resource('AWS::IAM::Policy', {
    Roles: [{ Ref: 'Role' }],
    PolicyDocument: { Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
  });
const group = (port: number) =>
  resource('AWS::EC2::SecurityGroup', {
    GroupDescription: 'web',
    SecurityGroupEgress: [],
    SecurityGroupIngress: [
      { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: port, ToPort: port, Description: 'shoppers' },
    ],
  });

const before = {
  Shop: template({
    Guard: guard(3),
    Table: resource('AWS::DynamoDB::Table', { KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] }),
    Bucket: resource('AWS::S3::Bucket', {}, { DeletionPolicy: 'Retain' }),
    Queue: resource('AWS::SQS::Queue'),
    Record: resource('AWS::Route53::RecordSet', { TTL: '60', ResourceRecords: ['203.0.113.1'] }),
    Role: role('ec2.amazonaws.com'),
    Policy: policy('s3:GetObject'),
    Web: group(80),
  }),
};
const after = {
  Shop: template({
    Guard: guard(3),
    Table: resource('AWS::DynamoDB::Table', { KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }] }),
    Record: resource('AWS::Route53::RecordSet', { TTL: '60', ResourceRecords: ['203.0.113.2'] }),
    Role: role('ec2.amazonaws.com'),
    Policy: policy('s3:GetObject', 's3:DeleteObject'),
    Web: group(443),
  }),
};
const comment = (one: Templates, other: Templates, costs?: string) =>
  reviewComment(synthesis(one), synthesis(other), costs);
const numbered = (phase: number, more: Template['Resources'] = {}) => ({
  Shop: template({ Guard: guard(phase), ...more }),
});

test('what is lost comes first, then what shoppers notice, permissions, ports and costs', () => {
  const { text, mayBeDeployed } = comment(before, after, 'phase 3   337.54\n');
  expect(mayBeDeployed).toBe(false);
  expect(`\n${text}`).toMatchInlineSnapshot(`
"
<!-- shop-review -->
### What a deploy of this would change in phase 3

#### Must not be deployed
- **data replaced**: \` Shop/Table \`: \` AWS::DynamoDB::Table is replaced by a change of KeySchema. a new one starts empty: the shop loses the items of the table. leave the property as it was, or add a new resource beside the old one and move the data \`
- **data removed**: \` Shop/Queue \`: \` AWS::SQS::Queue is removed, and its deletion policy is Delete. CloudFormation deletes it, and with it the messages that wait. set its removal policy to RETAIN in the phase before, then remove it \`

#### Replaced or removed
- \` Shop/Queue \` \` AWS::SQS::Queue \` is removed, which holds the messages that wait
- \` Shop/Table \` \` AWS::DynamoDB::Table \` is replaced because of \` KeySchema \`, which holds the items of the table
- \` Shop/Bucket \` \` AWS::S3::Bucket \` is removed, which holds the objects in the bucket (stays, unmanaged)

#### Shoppers notice
- \` Shop/Record \`: the name leads elsewhere, for everybody after 60 s (seconds)

#### Permissions
- + \` Allow s3:DeleteObject s3:GetObject on * to AWS:\${Role} \`
- - \` Allow s3:GetObject on * to AWS:\${Role} \`

#### Open ports
- + \` internet (IPv4), Web, 443, in, shoppers \`
- - \` internet (IPv4), Web, 80, in, shoppers \`

#### Costs
\`\`\`
phase 3   337.54
\`\`\`
"
`);
});

test('a pull request that changes nothing says so in few words', () => {
  const { text, mayBeDeployed } = comment(before, before);
  expect(mayBeDeployed).toBe(true);
  expect(`\n${text}`).toMatchInlineSnapshot(`
"
<!-- shop-review -->
### What a deploy of this would change in phase 3

#### Must not be deployed
No rule of a step is broken.

#### Replaced or removed
Nothing is replaced or removed.

#### Shoppers notice
Nothing.

#### Permissions
Unchanged.

#### Open ports
Unchanged.
"
`);
});

test.each([
  [1, 3, /Phases must be deployed one at a time/],
  [4, 3, /A lower phase would remove/],
])('the jump from phase %i to %i is refused in the words of the guard', (was, is, words) => {
  const { text, mayBeDeployed } = comment(numbered(was), numbered(is));
  expect(mayBeDeployed).toBe(false);
  expect(text).toMatch(words);
});

test('a step up by one may be deployed', () => {
  const { text, mayBeDeployed } = comment(numbered(3), numbered(4));
  expect(mayBeDeployed).toBe(true);
  expect(text).toContain('### The step from phase 3 to 4');
});

test('names of a pull request cannot write Markdown', () => {
  const hostile =
    '`\n\n## Approved by @owner <img src="https://evil.example/x.png"> [click](https://evil.example) ';
  const templates = {
    [hostile]: template({
      Guard: guard(3),
      Role: role(hostile),
      Policy: policy(hostile),
      [`Bucket${hostile}`]: resource('AWS::S3::Bucket', { BucketName: hostile }),
      Web: resource('AWS::EC2::SecurityGroup', {
        GroupDescription: hostile,
        SecurityGroupIngress: [
          { CidrIp: hostile, IpProtocol: 'tcp', FromPort: 1, ToPort: 1, Description: hostile },
        ],
      }),
    }),
  };
  for (const { text } of [comment(numbered(3), templates), comment(templates, numbered(3), hostile)]) {
    const outsideOfCode = text
      .replace(/^(`{3,})\n[\s\S]*?\n\1$/gm, '')
      .replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
    expect(outsideOfCode).not.toMatch(/Approved|evil|@owner|<img/);
    expect(outsideOfCode.match(/^## /gm)).toBeNull();
  }
});

test('costs have their room behind whatever there is, with the largest rows and the sums', () => {
  const groups = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [`Group${index}`, group(index + 1)]),
  );
  const rows = Array.from({ length: 90 }, (_, index) => `  row ${index + 1}`);
  const sums = ['', '  before', '  after', '  the step', '', 'note', 'another'];
  const { text } = comment(numbered(3), numbered(3, groups), ['title', '', ...rows, ...sums].join('\n'));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_BYTES);
  const [, costs = ''] = text.split('#### Costs\n');
  for (const line of ['  row 1\n', '  … and 59 more\n', '  the step\n']) expect(costs).toContain(line);
});

test('the largest comment has 20,000 bytes, and keeps what is lost before what is open', () => {
  const many = (of: (index: number) => [string, ReturnType<typeof resource>]) =>
    Object.fromEntries(Array.from({ length: 150 }, (_, index) => of(index)));
  const buckets = many((index) => [`Bucket${'ü'.repeat(90)}${index}`, resource('AWS::S3::Bucket')]);
  const groups = many((index) => [`Group${index}`, group(index + 1)]);
  const { text } = comment(numbered(3, buckets), numbered(3, groups));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MOST_BYTES);
  expect(Buffer.byteLength(text)).toBeGreaterThan(MOST_BYTES * 0.9);
  expect(text.startsWith(`${COMMENT_MARK}\n`)).toBe(true);
  for (const title of [
    'Must not be deployed',
    'Replaced or removed',
    'Shoppers notice',
    'Permissions',
    'Open ports',
  ])
    expect(text).toContain(`#### ${title}`);
  expect(text).toMatch(/#### Open ports\n- … and 150 more/);
});

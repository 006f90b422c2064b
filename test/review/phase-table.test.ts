import { phaseTable, readableType } from '../../review/phase-table';
import { resource, template } from './template-fixtures';

const many = (type: string, count: number, name: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${name}${index}`, resource(type)]));
const first = {
  Network: template({ ...many('AWS::EC2::Subnet', 3, 'Subnet'), ...many('AWS::EC2::VPC', 1, 'Vpc') }),
};
const second = {
  Network: template({ ...many('AWS::EC2::Subnet', 9, 'Subnet') }),
  Data: template({
    ...many('AWS::RDS::DBCluster', 1, 'Cluster'),
    ...many('AWS::IAM::Role', 5, 'Role'),
    ...many('AWS::SecretsManager::SecretTargetAttachment', 2, 'Attachment'),
    ...many('AWS::ElasticLoadBalancingV2::TargetGroup', 2, 'Targets'),
  }),
};
const table = phaseTable([
  { number: 1, title: 'Single box', users: '1', templates: first },
  { number: 2, title: 'Users+', users: 'hundreds', templates: second },
]);

test('shows what each phase adds to the one before', () => {
  expect(`\n${table}`).toMatchInlineSnapshot(`
"
phase  title       users     stacks  resources
1      Single box  1              1          4
       +3 EC2 subnets, +1 EC2 VPC
2      Users+      hundreds       2         19
       +6 EC2 subnets, +2 ELB target groups,
       +2 Secrets Manager secret target attachments, +1 RDS DB cluster,
       -1 EC2 VPC, +5 of plumbing
"
`);
});

test('counts scaling policies by themselves, and those of permissions as plumbing', () => {
  const scaled = {
    Services: template({
      ...many('AWS::AutoScaling::ScalingPolicy', 2, 'Scaling'),
      ...many('AWS::IAM::Policy', 3, 'Policy'),
      ...many('AWS::S3::BucketPolicy', 1, 'Bucket'),
    }),
  };
  expect(phaseTable([{ number: 5, title: 'Users', users: '1', templates: scaled }])).toContain(
    '+2 scaling policies, +4 of plumbing',
  );
});

test('fits a terminal of 80 columns', () => {
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test.each([
  ['AWS::EC2::SecurityGroup', 1, 'EC2 security group'],
  ['AWS::EC2::EIP', 2, 'EC2 EIPs'],
  ['AWS::RDS::DBCluster', 2, 'RDS DB clusters'],
  ['AWS::SQS::QueuePolicy', 2, 'SQS queue policies'],
  ['AWS::KMS::Key', -2, 'KMS keys'],
  ['AWS::EC2::VPCEndpoint', 2, 'EC2 VPC endpoints'],
  ['AWS::ElasticLoadBalancingV2::LoadBalancer', 2, 'ELB load balancers'],
  ['AWS::AutoScaling::AutoScalingGroup', 3, 'auto scaling groups'],
  ['AWS::CloudFront::VpcOrigin', 1, 'CloudFront VPC origin'],
  ['AWS::CloudFront::OriginAccessControl', 2, 'CloudFront origin access controls'],
  ['AWS::WAFv2::WebACL', 1, 'WAF web ACL'],
])('%s, %i of them, is %s to people', (type, count, words) => {
  expect(readableType(type, count)).toBe(words);
});

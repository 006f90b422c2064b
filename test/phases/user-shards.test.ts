import { DIRECTORY_TABLE } from '../../lambda/users/sharding/shard-map';
import { constructPath } from '../../review/cloudformation';
import { synthesized } from './synthesized';

/** Row F3: phase 6 with "userShards": 2, and as it is without. */
const [plain, divided] = [synthesized(6), synthesized(6, 'everything')];
const text = (value: unknown) => JSON.stringify(value);
const all = (of: typeof plain, stack: string, type: string, path: RegExp) =>
  Object.entries(of.templates[stack]?.Resources ?? {}).filter(
    ([, resource]) => resource.Type === type && path.test(constructPath(resource)),
  );
const shardClusters = (of: typeof plain) => all(of, 'Shop-Data', 'AWS::RDS::DBCluster', /UserShards\//);

test('F3: one cluster is the default: no other one, no table and no function that nobody uses', () => {
  expect(shardClusters(plain)).toEqual([]);
  expect(all(plain, 'Shop-Data', 'AWS::DynamoDB::Table', /UserShards/)).toEqual([]);
  expect(plain.templates['Shop-Data']?.Outputs ?? {}).not.toHaveProperty('ShardFunctionName');
  expect(text(plain.templates['Shop-Services'])).not.toMatch(/USERS_SHARDS|DIRECTORY_TABLE/);
});

test('F3: another shard is a cluster like the first one, in the same group of the firewall', () => {
  const [first] = all(divided, 'Shop-Data', 'AWS::RDS::DBCluster', /Shop-Data\/Users\//);
  const [second, ...more] = shardClusters(divided);
  expect(more).toEqual([]);
  const same = (properties: Readonly<Record<string, unknown>> = {}) => {
    const { DBSubnetGroupName: _, DBClusterParameterGroupName: __, ...rest } = properties;
    return rest;
  };
  expect(same(second?.[1].Properties)).toEqual(same(first?.[1].Properties));
  expect(all(divided, 'Shop-Data', 'AWS::RDS::DBInstance', /UserShards\//)).toHaveLength(2);
  expect(all(divided, 'Shop-Operations', 'AWS::CloudWatch::Alarm', /./).map(([id]) => id)).toContainEqual(
    expect.stringMatching(/^UserShard2DatabaseMissing/),
  );
});

test('F5: the table of the directory has the keys of the code, is billed by request, kept and backed up', () => {
  const [[, table] = []] = all(divided, 'Shop-Data', 'AWS::DynamoDB::Table', /UserShards\/Directory/);
  expect(table).toMatchObject({
    DeletionPolicy: 'Retain',
    Properties: {
      KeySchema: [{ AttributeName: DIRECTORY_TABLE.partition.name, KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    },
  });
});

test.each([
  ['UsersRead', 'Reader'],
  ['UsersWrite', 'Account'],
])(
  'F3: hosts of users (%s) know every shard by name, with their own account, and the directory',
  (group, account) => {
    const [[, template] = []] = all(
      divided,
      'Shop-Services',
      'AWS::EC2::LaunchTemplate',
      new RegExp(`Api/${group}/`),
    );
    const data = text(template);
    expect(data).toContain('DIRECTORY_TABLE=');
    expect(data).toMatch(/USERS_SHARDS='users-1=mysql:\/\/.* users-2=mysql:\/\//);
    const [[, policy] = []] = all(
      divided,
      'Shop-Services',
      'AWS::IAM::Policy',
      new RegExp(`Api/${group}/ServiceRole/`),
    );
    expect(text(policy)).toMatch(new RegExp(`UserShardsShard2Users${account}`));
    expect(text(policy).includes('dynamodb:PutItem')).toBe(account === 'Account');
    expect(text(policy)).toContain('dynamodb:GetItem');
  },
);

test('F3: hosts of inventory know none of them, and reach no more than before', () => {
  for (const group of ['Read', 'Write']) {
    const [[, template] = []] = all(
      divided,
      'Shop-Services',
      'AWS::EC2::LaunchTemplate',
      new RegExp(`Api/${group}/`),
    );
    expect(text(template)).not.toMatch(/USERS_SHARDS|DIRECTORY_TABLE/);
  }
});

test('F3: the function that moves buckets has the accounts of the service, and no administrator’s', () => {
  const [[, policy] = []] = all(divided, 'Shop-Data', 'AWS::IAM::Policy', /UserShards\/MoverRole/);
  expect(text(policy)).not.toContain('MasterUserSecret');
  expect(text(policy).match(/UsersAccount/g)?.length).toBeGreaterThanOrEqual(2);
  expect(text(policy)).toContain('dynamodb:PutItem');
});

import { phaseNumbered } from '../../lib/phases';
import { constructPath, type Resource } from '../../review/cloudformation';
import { stepFindings } from '../../review/evolution';
import { synthesized } from './synthesized';

/** Row F2, of phase 6 as a deployer gets it. */
const [before, phase] = [synthesized(5), synthesized(6)];
const plan = phaseNumbered(6)?.usersDatabase;
if (!plan || plan === 'shared') throw new Error('Phase 6 has a cluster of the users');

const data = phase.templates['Shop-Data']?.Resources ?? {};
const text = (value: unknown) => JSON.stringify(value);
const all = (stack: string, type: string, path: RegExp) =>
  Object.entries(phase.templates[stack]?.Resources ?? {}).filter(
    ([, resource]) => resource.Type === type && path.test(constructPath(resource)),
  );
function only(stack: string, type: string, path: RegExp): Resource & { readonly id: string } {
  const [found, ...rest] = all(stack, type, path);
  if (!found || rest.length > 0) throw new Error(`Not one ${type} ${path} in ${stack}`);
  return { id: found[0], ...found[1] };
}

describe('the cluster of the users', () => {
  const clusterOf = (path: RegExp) => only('Shop-Data', 'AWS::RDS::DBCluster', path).Properties ?? {};

  test('F2: is protected, encrypted and backed up as the other one, with the same key, and has its own size', () => {
    const parts = ({
      ServerlessV2ScalingConfiguration: _size,
      DBSubnetGroupName: _subnets,
      DBClusterParameterGroupName: _parameters,
      VpcSecurityGroupIds: _groups,
      ...same
    }: Readonly<Record<string, unknown>>) => same;
    const { PerformanceInsightsEnabled: _, ...own } = parts(clusterOf(/Shop-Data\/Users\//));
    expect(parts(clusterOf(/Shop-Data\/Managed\//))).toMatchObject(own);
    expect(clusterOf(/Shop-Data\/Users\//).ServerlessV2ScalingConfiguration).toEqual({
      MinCapacity: plan.capacity.min,
      MaxCapacity: plan.capacity.max,
    });
    expect(only('Shop-Data', 'AWS::RDS::DBCluster', /\/Users\//)).toMatchObject({ DeletionPolicy: 'Retain' });
  });

  test('F2, C3: has a writer and a standby in two zones, which nothing reaches from outside', () => {
    const instances = all('Shop-Data', 'AWS::RDS::DBInstance', /\/Users\//).map(([, one]) => one.Properties);
    expect(instances.map((each) => each?.AvailabilityZone)).toEqual(['us-east-1a', 'us-east-1b']);
    for (const each of instances) expect(each?.PubliclyAccessible).toBe(false);
  });

  test('F2: its two accounts have passwords of their own, which change every thirty days', () => {
    const secrets = all('Shop-Data', 'AWS::SecretsManager::Secret', /\/Users\/Users(Account|Reader)/);
    expect(secrets).toHaveLength(2);
    const rotated = all('Shop-Data', 'AWS::SecretsManager::RotationSchedule', /\/Users\//).map(
      ([, { Properties = {} }]) => (Properties.SecretId as { Ref: string }).Ref,
    );
    expect(rotated.sort()).toEqual(secrets.map(([id]) => id).sort());
  });

  test('B4: is reached by hosts of users and by functions that maintain it, and by nobody else', () => {
    const rows = all('Shop-Network', 'AWS::EC2::SecurityGroupIngress', /Firewall\//).filter(([, one]) =>
      text(one.Properties?.GroupId).includes('FirewallusersDatabase'),
    );
    const from = rows.map(([, { Properties }]) => [
      /Firewall([a-zA-Z]+?)[0-9A-F]{8}/.exec(text(Properties?.SourceSecurityGroupId))?.[1],
      Properties?.FromPort,
    ]);
    expect(from.sort()).toEqual([
      ['maintenance', 3306],
      ['usersRead', 3306],
      ['usersWrite', 3306],
    ]);
  });

  test('F2: is watched as the other one, without a replica that answers reads', () => {
    const alarms = all('Shop-Operations', 'AWS::CloudWatch::Alarm', /./).map(([id]) => id);
    for (const name of [
      'Missing',
      'Cpu',
      'Capacity',
      'Memory',
      'Connections',
      'Deadlocks',
      'LocalStorage',
      'Volume',
    ])
      expect(alarms).toContainEqual(expect.stringMatching(`^UsersDatabase${name}`));
    expect(alarms).toContainEqual(expect.stringMatching(/^UsersStandbyMissing/));
    expect(alarms).toContainEqual(expect.stringMatching(/^UsersRotationFailed/));
  });
});

describe('hosts of users', () => {
  const userData = (group: string) =>
    text(only('Shop-Services', 'AWS::EC2::LaunchTemplate', new RegExp(`Api/${group}/`)).Properties);
  const policy = (group: string) =>
    text(only('Shop-Services', 'AWS::IAM::Policy', new RegExp(`Api/${group}/ServiceRole/`)).Properties);

  test.each([
    ['UsersRead', 'Reader'],
    ['UsersWrite', 'Account'],
  ])('F2: %s knows both clusters with the password of its own account, and the marker', (group, account) => {
    expect(userData(group)).toMatch(/OWN_USERS_DATABASE='mysql:\/\//);
    expect(userData(group)).toContain('FEDERATION_BUCKET=');
    expect(policy(group)).toContain(`UsersUsers${account}`);
    expect(policy(group)).toContain('/federation.json');
    expect(policy(group)).not.toMatch(/s3:PutObject|MasterUserSecret/);
  });

  test.each(['Read', 'Write'])('F2: those of inventory (%s) know nothing of it', (group) => {
    expect(userData(group)).not.toMatch(/OWN_USERS|FEDERATION/);
    expect(policy(group)).not.toMatch(/UsersUsers|federation/);
  });
});

describe('the function that moves them', () => {
  const mover = only('Shop-Data', 'AWS::Lambda::Function', /Federation\/Function/);
  const rights = text(only('Shop-Data', 'AWS::IAM::Policy', /Federation\/FunctionRole/).Properties);

  test('F2: is in the network, has the time of the longest function, and is not repeated by itself', () => {
    expect(mover.Properties).toMatchObject({ Timeout: 900, VpcConfig: expect.anything() });
    expect(only('Shop-Data', 'AWS::Lambda::EventInvokeConfig', /Federation/).Properties).toMatchObject({
      MaximumRetryAttempts: 0,
    });
  });

  test('F2: may write the marker and the status, and read the passwords of both administrators', () => {
    expect(rights.match(/MasterUserSecret/g)).toHaveLength(2);
    for (const key of ['federation.json', 'federation/status.json', 'federation/command.json'])
      expect(rights).toContain(key);
    expect(rights).not.toContain('placement.json');
  });

  test('F2: the command finds it, and learns from Shop-Services that hosts follow the marker', () => {
    expect(phase.templates['Shop-Data']?.Outputs).toMatchObject({
      FederationFunctionName: { Value: { Ref: mover.id } },
    });
    expect(phase.templates['Shop-Services']?.Outputs).toHaveProperty('FollowsUsers');
    expect(before.templates['Shop-Services']?.Outputs ?? {}).not.toHaveProperty('FollowsUsers');
  });
});

test('F2: both migration functions let accounts in where the marker says', () => {
  const homes = all('Shop-Data', 'AWS::Lambda::Function', /Migrations\/Function/).map(
    ([, { Properties = {} }]) => (Properties.Environment as { Variables: Record<string, string> }).Variables,
  );
  expect(homes.map(({ FEDERATION_HOME }) => FEDERATION_HOME).sort()).toEqual(['own', 'shared']);
  for (const { FEDERATION_BUCKET } of homes) expect(FEDERATION_BUCKET).toBeDefined();
  const own = homes.find(({ FEDERATION_HOME }) => FEDERATION_HOME === 'own');
  expect(Object.keys(own ?? {}).filter((name) => name.startsWith('INVENTORY'))).toEqual([]);
});

test('the step from phase 5 leaves the shared cluster and what it holds as they are', () => {
  expect(stepFindings(before, phase)).toEqual([]);
  const earlier = before.templates['Shop-Data']?.Resources ?? {};
  const held = [
    'AWS::RDS::DBCluster',
    'AWS::RDS::DBInstance',
    'AWS::SecretsManager::Secret',
    'AWS::KMS::Key',
  ];
  const kept = Object.entries(earlier).filter(([, { Type }]) => held.includes(Type));
  expect(kept.length).toBeGreaterThan(7);
  for (const [id, resource] of kept.filter(([, { Type }]) => Type !== 'AWS::RDS::DBCluster'))
    expect([id, data[id]]).toEqual([id, resource]);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { OUTPUT } from '../../lib/names';
import { synthesized } from './synthesized';

/** Rows B1 to B6, of phase 2 as a deployer gets it. */
const phase = synthesized(2);

const all = (type: string) =>
  Object.values(phase.templates).flatMap(({ Resources = {} }) =>
    Object.entries(Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([id, { Properties = {} }]) => ({ id, properties: Properties })),
  );
const only = (type: string, id = '') => {
  const [found, ...rest] = all(type).filter((each) => each.id.includes(id));
  if (!found || rest.length > 0)
    throw new Error(`Not one ${type} ${id}, but ${rest.length + Number(!!found)}`);
  return found.properties;
};
const text = (value: unknown) => JSON.stringify(value);
const docs = (name: string) => readFileSync(join(__dirname, '../../docs', name), 'utf8');

test('B1, DATA-2: the database is a managed instance with room for more, encrypted, backed up and hard to delete', () => {
  expect(only('AWS::RDS::DBCluster')).toMatchObject({
    Engine: 'aurora-mysql',
    EngineVersion: '8.0.mysql_aurora.3.10.4',
    StorageEncrypted: true,
    KmsKeyId: { 'Fn::GetAtt': ['ManagedKeyE0F8A17B', 'Arn'] },
    ManageMasterUserPassword: true,
    DeletionProtection: true,
    BackupRetentionPeriod: 14,
    ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
    DatabaseInsightsMode: 'standard',
    EnableCloudwatchLogsExports: ['slowquery'],
  });
  expect(only('AWS::RDS::DBInstance')).toMatchObject({
    DBInstanceClass: 'db.serverless',
    PubliclyAccessible: false,
  });
  expect(only('AWS::RDS::DBSubnetGroup').SubnetIds).toHaveLength(3);
  expect(only('AWS::KMS::Key', 'Managed')).toMatchObject({ EnableKeyRotation: true });
});

test('B1: the slow log ends by itself, and is there before an instance could make it without an end', () => {
  expect(text(only('Custom::SlowLogRetention'))).toContain('\\"retentionInDays\\":30');
  const { Resources = {} } = phase.templates['Shop-Data'] ?? {};
  expect(text(Resources.ManagedDatabaseInstance1072761AA?.DependsOn)).toContain('SlowLogRetention');
});

test('B1: statements are logged as slow from the same time on as by the database of the box', () => {
  const ofTheBox = readFileSync(join(__dirname, '../../lib/compute/box/host/mariadb/my.cnf'), 'utf8');
  const [, seconds] = /^long_query_time = (\S+)$/m.exec(ofTheBox) ?? [];
  expect(only('AWS::RDS::DBClusterParameterGroup')).toMatchObject({
    Parameters: { slow_query_log: '1', long_query_time: seconds },
  });
});

test('B3, DATA-2: the database takes connections over TLS alone, and compares text by bytes as the box does', () => {
  expect(only('AWS::RDS::DBClusterParameterGroup')).toMatchObject({
    Family: 'aurora-mysql8.0',
    Parameters: {
      require_secure_transport: 'ON',
      collation_server: 'utf8mb4_bin',
      character_set_server: 'utf8mb4',
      time_zone: 'UTC',
    },
  });
});

test('DATA-3, DATA-7: each service has a user of its own, whose password changes every 30 days, once there are accounts', () => {
  const secrets = all('AWS::SecretsManager::Secret');
  expect(secrets.map(({ properties }) => text(properties.GenerateSecretString))).toEqual([
    expect.stringContaining('users_app'),
    expect.stringContaining('inventory_app'),
  ]);
  for (const { properties } of secrets)
    expect(properties.KmsKeyId).toEqual({ 'Fn::GetAtt': ['ManagedKeyE0F8A17B', 'Arn'] });
  const schedules = all('AWS::SecretsManager::RotationSchedule');
  expect(schedules.map(({ properties }) => text(properties.SecretId)).sort()).toEqual(
    secrets.map(({ id }) => text({ Ref: id })).sort(),
  );
  const { Resources = {} } = phase.templates['Shop-Data'] ?? {};
  for (const { id, properties } of schedules) {
    expect(properties.RotationRules).toEqual({ ScheduleExpression: 'rate(30 days)' });
    expect(text(Resources[id]?.DependsOn)).toContain('MigrationsDone');
  }
});

test('migrations run when they change, once the database answers', () => {
  expect(only('Custom::Migrations').Schemas).toMatch(/^[0-9a-f]{64}$/);
  const { Resources = {} } = phase.templates['Shop-Data'] ?? {};
  const [done] = Object.values(Resources).filter(({ Type }) => Type === 'Custom::Migrations');
  expect(text(done?.DependsOn)).toContain('ManagedDatabaseInstance1072761AA');
});

test('the function that makes staff reads one password and three objects, and has no caller but people', () => {
  const { Statement } = only('AWS::IAM::Policy', 'StaffFunctionRole').PolicyDocument as unknown as {
    Statement: { Action: string | string[]; Resource: unknown }[];
  };
  const of = (service: string) => Statement.filter(({ Action }) => text(Action).includes(`"${service}:`));
  expect(of('secretsmanager')).toEqual([
    {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: { Ref: 'ManagedUsersAccount7C62C40E' },
    },
  ]);
  expect(of('s3').map(({ Action }) => Action)).toEqual(['s3:GetObject', 's3:ListBucket']);
  expect(
    text(of('s3'))
      .match(/\w+(\/\w+)?\.json/g)
      ?.sort(),
  ).toEqual(['move/command.json', 'move/status.json', 'placement.json']);
  // No service, rule or schedule invokes it.
  const [staff = ''] = all('AWS::Lambda::Function').flatMap(({ id }) => (/Staff/.test(id) ? [id] : []));
  const mentions = ['AWS::Lambda::Permission', 'AWS::Events::Rule', 'AWS::Lambda::Url'].flatMap(all);
  expect(text(mentions)).not.toContain(staff);
});

test('deploy.md names the commands that invoke functions by outputs that the stack has', () => {
  for (const [command, output] of [
    ['npm run staff -- you@example.com', OUTPUT.staffFunction],
    ['npm run check-stock', OUTPUT.stockAuditFunction],
  ] as const) {
    expect(docs('deploy.md')).toContain(command);
    expect(phase.templates['Shop-Data']?.Outputs).toMatchObject({ [output]: { Value: expect.anything() } });
  }
  expect(docs('deploy.md')).toContain('sudo /opt/shop/host/run.sh app staff.js ');
});

test('B2, EDGE-2: user content is versioned, and what is old or was never used goes', () => {
  const { VersioningConfiguration, LifecycleConfiguration, CorsConfiguration, LoggingConfiguration } = only(
    'AWS::S3::Bucket',
    'Media',
  );
  expect(VersioningConfiguration).toEqual({ Status: 'Enabled' });
  expect(LifecycleConfiguration).toEqual({
    Rules: [
      {
        ...{ Id: 'OldVersions', Status: 'Enabled', ExpiredObjectDeleteMarker: true },
        NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      },
      {
        ...{ Id: 'BrokenUploads', Status: 'Enabled' },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
      { ...{ Id: 'Originals', Status: 'Enabled' }, Prefix: 'uploads/', ExpirationInDays: 7 },
    ],
  });
  expect(LoggingConfiguration).toMatchObject({ LogFilePrefix: 'media/' });
  expect(CorsConfiguration).toMatchObject({
    CorsRules: [
      {
        AllowedMethods: ['PUT'],
        AllowedOrigins: [expect.objectContaining({ 'Fn::Join': expect.anything() })],
        AllowedHeaders: ['content-type', 'if-none-match', 'x-amz-checksum-sha256'],
      },
    ],
  });
});

test('B2: the files of the storefront are in the object store, those of this release', () => {
  expect(only('AWS::S3::Bucket', 'Static').VersioningConfiguration).toEqual({ Status: 'Enabled' });
  expect(only('Custom::Storefront').Files).toMatch(/^[0-9a-f]{32,}$/);
});

test('B4: what is private has no way to the internet, and the database none to S3', () => {
  const isPublic = (value: unknown) => text(value).includes('"Public');
  const gateways = all('AWS::EC2::Route').filter(({ properties }) => properties.GatewayId);
  expect(gateways).toHaveLength(3);
  for (const { properties } of gateways) expect(isPublic(properties.RouteTableId)).toBe(true);
  expect(all('AWS::EC2::NatGateway')).toEqual([]);
  const s3 = all('AWS::EC2::VPCEndpoint').find(({ properties }) => properties.VpcEndpointType === 'Gateway');
  expect(s3?.properties.RouteTableIds).toHaveLength(6);
  expect(text(s3?.properties.RouteTableIds)).not.toContain('"Data');
});

test('B4, ELB-9: only the box and the maintenance functions reach the database, and the database reaches nobody', () => {
  const group = /Firewalldatabase37A7FD74/;
  const into = all('AWS::EC2::SecurityGroupIngress').filter(({ properties }) =>
    group.test(text(properties.GroupId)),
  );
  expect(
    into.map(({ properties }) => [
      text(properties.SourceSecurityGroupId).match(/Firewall[a-z]+/)?.[0],
      properties.FromPort,
    ]),
  ).toEqual([
    ['Firewallbox', 3306],
    ['Firewallmaintenance', 3306],
  ]);
  expect(
    all('AWS::EC2::SecurityGroupEgress').filter(({ properties }) => group.test(text(properties.GroupId))),
  ).toEqual([]);
});

test('B5: the app knows the database and the object store by its settings, and none of them is secret', () => {
  const { Settings } = only('Custom::Release') as { Settings: Record<string, unknown> };
  expect(Object.keys(Settings).sort()).toEqual(
    [
      'AWS_REGION',
      SETTING.managedUsersDatabase,
      SETTING.managedInventoryDatabase,
      SETTING.managedMedia,
      SETTING.placementBucket,
      'UPLOAD_ORIGIN',
    ].sort(),
  );
  expect(text(Settings[SETTING.managedUsersDatabase])).toMatch(/mysql:\/\/.*:3306\/users\?secret=/);
});

test('B5: the box may read its two passwords and use its photos, and nothing more of either', () => {
  const policy = only('AWS::IAM::Policy', 'BoxRole').PolicyDocument as unknown as {
    Statement: { Action: string | string[]; Resource: unknown }[];
  };
  const of = (service: string) =>
    policy.Statement.filter(({ Action }) => text(Action).includes(`"${service}:`));
  expect(of('secretsmanager')).toEqual([
    {
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: [expect.anything(), expect.anything()],
    },
  ]);
  expect(text(of('secretsmanager'))).not.toContain('Master');
  expect(text(of('s3'))).toContain('placement.json');
  expect(text(of('rds'))).toBe('[]');
});

test('B5, OPS-2: disadvantages and cost are stated where a deployer reads them', () => {
  const words = docs('deploy.md');
  for (const word of ['complexity', 'latency', 'Aurora', '43.80', 'Secrets Manager', 'npm run move'])
    expect(words).toContain(word);
  expect(docs('runbook.md')).toContain('## Restoring the database');
});

test('B6: the box keeps its own database and disk while the data is carried over, and the mover finds its mailbox', () => {
  expect(all('AWS::EC2::Volume')).toHaveLength(1);
  expect(phase.templates['Shop-Data']?.Outputs).toMatchObject({
    DeploymentsBucketName: { Value: { Ref: 'Deployments7DB91225' } },
  });
  const box = text(only('AWS::IAM::Policy', 'BoxRole'));
  for (const key of ['placement.json', 'move/command.json', 'move/status.json'])
    expect(box).toContain(`/${key}`);
});

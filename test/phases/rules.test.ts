import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phaseNumbered } from '../../lib/phases';
import { constructPath } from '../../review/cloudformation';
import { heldBy } from '../../review/stateful';
import { type DeployedResource, everyPhase, resources, synthesized } from './synthesized';

const root = join(__dirname, '../..');

/** Exceptions from the rules, with their reasons. Rule id, then logical id or path. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'CDK-1': {
    Address:
      'The network stack goes first and all others need it; the address is retained whatever happens to it.',
    AlarmsKey3C2381B3: 'Encrypts messages on their way and stores nothing; a new key serves as well.',
    OutsideCanaryPassword241C26C8: 'A new password makes a new account of the canary, which owns nothing.',
    OutsideCanaryRuns999F476C: 'The logs of a month of visits, which nothing depends on.',
    OutsideIncidentsUndeliveredAC9E4F7A: 'What it holds was e-mailed or logged as well.',
  },
  'CDK-3': {
    LifecycleHookName: 'A hook in the list of its group must have a name; it begins with that of the stack.',
    CacheDAF337C5: 'CloudFormation demands its ServerlessCacheName, and a token is signed for it.',
    CacheUsersGroup9DFFF292: 'CloudFormation demands its UserGroupId.',
    CacheReadUserD67C9477:
      'CloudFormation demands its UserId, which IAM authentication wants as UserName too.',
    CacheWriteUser07C71182:
      'CloudFormation demands its UserId, which IAM authentication wants as UserName too.',
    CacheUsersReadUser5C784825: 'As that of CacheReadUser.',
    CacheUsersWriteUserB7BBAE7C: 'As that of CacheReadUser.',
    CacheInventoryReadUserAA8E2E1E: 'As that of CacheReadUser.',
    CacheInventoryWriteUser5862AC2F: 'As that of CacheReadUser.',
    WarehouseRedshiftNamespace3E7EBA18: 'CloudFormation demands its NamespaceName.',
    WarehouseRedshiftWorkgroup0B07D467: 'CloudFormation demands its WorkgroupName.',
  },
  'CDK-8': {
    CacheDAF337C5: 'It takes subnets themselves, not a group of them; a subnet keeps its id (rule CDK-17).',
  },
  'SQS-9': {
    CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E: 'The CDK makes it and sets no tracing.',
    AWS679f53fac002430cb0da5b7982bd22872D164C4C: 'The CDK makes it and sets neither memory nor tracing.',
    CustomCrossRegionExportReaderCustomResourceProviderHandler46647B68:
      'The CDK makes it and sets no tracing.',
    CustomCrossRegionExportWriterCustomResourceProviderHandlerD8786E8A:
      'The CDK makes it and sets no tracing.',
  },
  'OPS-1': {
    TiersWebFleetRolloutAlarm637D7798: 'The roll-out reads it; Operations has one that tells people.',
    TiersApiReadFleetRolloutAlarmB76AF6A5: 'The roll-out reads it; Operations has one that tells people.',
    TiersApiUsersReadFleetRolloutAlarm169151F4:
      'The roll-out reads it; Operations has one that tells people.',
    TiersApiUsersWriteFleetRolloutAlarm98E3E595:
      'The roll-out reads it; Operations has one that tells people.',
    TiersApiWriteFleetRolloutAlarmF37DB91E: 'The roll-out reads it; Operations has one that tells people.',
  },
};

const excepted = (rule: string, id: string) => id in (exceptions[rule] ?? {});

/** Names that people can find: phase, stack and id of the resource that breaks the rule. */
const named = (found: readonly DeployedResource[]) =>
  found.map(({ phase, stack, id }) => `phase ${phase}: ${stack}/${id}`);

const protectedStack = ({ phase, stack }: DeployedResource) => {
  const [number, options] = phase.split(' ') as [string, 'default' | 'everything'];
  return synthesized(Number(number), options).protectedStacks.includes(stack);
};

const stateful = () => resources().filter(({ resource }) => heldBy(resource));

test('CDK-1: what holds data is in a stack with termination protection, and says what happens when it is removed', () => {
  const loose = stateful().filter((found) => !protectedStack(found) && !excepted('CDK-1', found.id));
  const silent = stateful().filter(
    ({ resource }) => !resource.DeletionPolicy || !resource.UpdateReplacePolicy,
  );
  expect(named(loose)).toEqual([]);
  expect(named(silent)).toEqual([]);
});

test('CDK-1: what is paid for by the hour goes again when the deploy that made it fails, and at no other time', () => {
  const paid = stateful().filter(({ resource }) =>
    ['AWS::EC2::EIP', 'AWS::EC2::Volume', 'AWS::RDS::DBInstance'].includes(resource.Type),
  );
  expect(new Set(paid.map(({ id }) => id)).size).toBe(9);
  for (const { phase, id, resource } of paid) {
    // The box's volume ends with a final snapshot once the box has: its data was moved (decision 0122).
    const retired = id === 'DataVolume' && phaseNumbered(Number.parseInt(phase, 10))?.box === 'retired';
    expect([phase, id, resource]).toMatchObject([
      phase,
      id,
      {
        DeletionPolicy: retired ? 'Snapshot' : 'RetainExceptOnCreate',
        UpdateReplacePolicy: 'Retain',
      },
    ]);
  }
});

test('CDK-1: every log group ends by itself', () => {
  expect(named(resources('AWS::Logs::LogGroup').filter((log) => !log.properties.RetentionInDays))).toEqual(
    [],
  );
});

test('CDK-2: the logical ids of what holds data never change', () => {
  const ids = new Map(stateful().map(({ stack, id, resource }) => [`${stack}/${id}`, resource.Type]));
  expect(Object.fromEntries(ids)).toEqual({
    'Shop-Network/Address': 'AWS::EC2::EIP',
    'Shop-Data/DataVolume': 'AWS::EC2::Volume',
    'Shop-Data/Deployments7DB91225': 'AWS::S3::Bucket',
    'Shop-Data/BoxLogE3E8280C': 'AWS::Logs::LogGroup',
    'Shop-Data/FleetLog59294008': 'AWS::Logs::LogGroup',
    'Shop-Data/ManagedKeyE0F8A17B': 'AWS::KMS::Key',
    'Shop-Data/ManagedDatabaseCluster9ED2E799': 'AWS::RDS::DBCluster',
    'Shop-Data/ManagedDatabaseInstance1072761AA': 'AWS::RDS::DBInstance',
    'Shop-Data/ManagedDatabaseInstance2DCFA61D7': 'AWS::RDS::DBInstance',
    'Shop-Data/ManagedDatabaseInstance3C569240D': 'AWS::RDS::DBInstance',
    'Shop-Data/ManagedUsersAccount7C62C40E': 'AWS::SecretsManager::Secret',
    'Shop-Data/ManagedUsersReader49DC0147': 'AWS::SecretsManager::Secret',
    'Shop-Data/ManagedInventoryReaderE8F5B7CC': 'AWS::SecretsManager::Secret',
    'Shop-Data/ManagedInventoryAccountD7016E51': 'AWS::SecretsManager::Secret',
    'Shop-Data/CacheDAF337C5': 'AWS::ElastiCache::ServerlessCache',
    'Shop-Data/ContentAccessLogsD9B3478A': 'AWS::S3::Bucket',
    'Shop-Data/ContentMedia14FBA27D': 'AWS::S3::Bucket',
    'Shop-Data/ContentStaticD1467DD7': 'AWS::S3::Bucket',
    'Shop-Data/PhotosTableE2592BEB': 'AWS::DynamoDB::Table',
    'Shop-Data/PhotosQueueED84B6A0': 'AWS::SQS::Queue',
    'Shop-Data/PhotosDeadLettersDBD2E7C6': 'AWS::SQS::Queue',
    'Shop-Data/Trail022F0CF2': 'AWS::S3::Bucket',
    'Shop-Data/UsersDatabaseClusterF0486FE4': 'AWS::RDS::DBCluster',
    'Shop-Data/UsersDatabaseInstance1971C57CF': 'AWS::RDS::DBInstance',
    'Shop-Data/UsersDatabaseInstance2E26E28E1': 'AWS::RDS::DBInstance',
    'Shop-Data/UsersUsersAccount2E60B2D9': 'AWS::SecretsManager::Secret',
    'Shop-Data/UsersUsersReader6503AFBF': 'AWS::SecretsManager::Secret',
    'Shop-Data/UserShardsDirectory1B7D9424': 'AWS::DynamoDB::Table',
    'Shop-Data/UserShardsShard2DatabaseClusterAE1BF86C': 'AWS::RDS::DBCluster',
    'Shop-Data/UserShardsShard2DatabaseInstance16A178485': 'AWS::RDS::DBInstance',
    'Shop-Data/UserShardsShard2DatabaseInstance240EDFFA6': 'AWS::RDS::DBInstance',
    'Shop-Data/UserShardsShard2UsersAccount7399B815': 'AWS::SecretsManager::Secret',
    'Shop-Data/UserShardsShard2UsersReader4B23547C': 'AWS::SecretsManager::Secret',
    'Shop-Data/WarehouseFilesD637D6D1': 'AWS::S3::Bucket',
    'Shop-Data/WarehouseRedshiftNamespace3E7EBA18': 'AWS::RedshiftServerless::Namespace',
    'Shop-Data/WarehouseUndeliveredC0872AAD': 'AWS::SQS::Queue',
    'Shop-EdgeAlarms/AlarmsKey3C2381B3': 'AWS::KMS::Key',
    'Shop-Operations/AlarmsKey3C2381B3': 'AWS::KMS::Key',
    'Shop-Operations/OutsideCanaryPassword241C26C8': 'AWS::SecretsManager::Secret',
    'Shop-Operations/OutsideCanaryRuns999F476C': 'AWS::S3::Bucket',
    'Shop-Operations/OutsideIncidentsUndeliveredAC9E4F7A': 'AWS::SQS::Queue',
  });
});

test('CDK-3: nothing has a name of its own, so that nothing has to be unique or blocks its own replacement', () => {
  const naming =
    /"(BucketName|RoleName|FunctionName|TopicName|AlarmName|GroupName|LogGroupName|TableName|LaunchTemplateName|AutoScalingGroupName|ServerlessCacheName|NamespaceName|WorkgroupName|UserName|UserId|UserGroupId)":"/;
  const found = resources().filter(({ properties }) => naming.test(JSON.stringify(properties)));
  expect(named(found.filter(({ id }) => !excepted('CDK-3', id)))).toEqual([]);
});

test('CDK-3: choices are made in TypeScript, not by CloudFormation', () => {
  for (const { number, options } of everyPhase) {
    for (const template of Object.values(synthesized(number, options).templates)) {
      expect(template.Conditions).toBeUndefined();
      // The bootstrap version is the CDK's own parameter.
      expect(Object.keys(template.Parameters ?? {}).filter((name) => name !== 'BootstrapVersion')).toEqual(
        [],
      );
    }
  }
});

test('CDK-3, CDK-4: below the app entry nothing reads the environment or looks anything up', () => {
  const constructs = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/\.(handler|steps)\.ts$/.test(file),
  );
  const breaking = constructs.filter((file) =>
    /process\.env|fromLookup|\.lookup\(/.test(readFileSync(join(root, 'lib', file), 'utf8')),
  );
  expect(constructs.length).toBeGreaterThan(20);
  expect(breaking).toEqual([]);
});

test('CDK-5: the subnets of every tier are in the same three zones, in the same order', () => {
  for (const { number, options } of everyPhase) {
    const zones = new Map<string, unknown[]>();
    for (const { phase, id, properties } of resources('AWS::EC2::Subnet')) {
      if (phase !== `${number} ${options}`) continue;
      const tier = id.replace(/\dSubnet.*/, '');
      zones.set(tier, [...(zones.get(tier) ?? []), properties.AvailabilityZone]);
    }
    const region = options === 'everything' ? 'eu-west-1' : 'us-east-1';
    for (const [tier, inTier] of zones)
      expect([tier, inTier]).toEqual([tier, ['a', 'b', 'c'].map((letter) => `${region}${letter}`)]);
  }
});

test('A4: the box is in the zone of its data', () => {
  const firsts = resources('AWS::EC2::Subnet').filter(({ id }) => id.startsWith('Public1'));
  const [first] = firsts;
  for (const { phase, properties } of resources('AWS::EC2::Volume')) {
    const subnet = firsts.find((one) => one.phase === phase);
    expect(properties.AvailabilityZone).toEqual(subnet?.properties.AvailabilityZone);
  }
  const groups = resources('AWS::AutoScaling::AutoScalingGroup').filter(
    ({ id, properties }) => id.startsWith('Box') && properties.MaxSize !== '0',
  );
  expect(groups).toHaveLength(
    everyPhase.filter(({ number }) => phaseNumbered(number)?.box === 'serves').length,
  );
  for (const { properties } of groups)
    expect(JSON.stringify(properties.VPCZoneIdentifier)).toContain(first?.id);
});

test('CDK-7: no construct path holds the number of a phase', () => {
  const paths = resources().filter(({ resource }) => /phase[-_ ]?\d/i.test(constructPath(resource)));
  expect(resources().every(({ resource }) => constructPath(resource) !== '')).toBe(true);
  expect(named(paths)).toEqual([]);
});

test('CDK-8: what holds data takes nothing from another stack that would replace it', () => {
  // CloudFormation's reference says "Update requires: No interruption" of these.
  const updatable = ['VpcSecurityGroupIds', 'SecurityGroupIds', 'CorsConfiguration'];
  const importing = stateful().filter(({ properties }) =>
    Object.entries(properties).some(
      ([name, value]) => !updatable.includes(name) && JSON.stringify(value).includes('Fn::ImportValue'),
    ),
  );
  expect(named(importing.filter(({ id }) => !excepted('CDK-8', id)))).toEqual([]);
});

test('CDK-9: the descriptions of security groups are what they were, since a new one would replace the group', () => {
  const groups = resources('AWS::EC2::SecurityGroup');
  expect(Object.fromEntries(groups.map(({ id, properties }) => [id, properties.GroupDescription]))).toEqual({
    FirewallboxCD78B6F1: 'The box: nginx, the app and the database on one instance',
    Firewallconnect09D9C8B7: 'EC2 Instance Connect endpoint: the way to a shell without an open port 22',
    Firewalllogs6E25D23E: 'Interface endpoint of CloudWatch Logs',
    Firewallsecrets77255BCB: 'Interface endpoint of Secrets Manager',
    Firewalldatabase37A7FD74: 'Aurora: the rows of users and inventory',
    FirewallusersDatabaseE2F01240: 'Aurora: the rows of users, on a cluster of their own',
    Firewallmaintenance08FB55A7: 'Functions that migrate the database and change its passwords',
    FirewallwebBalancer88A9774B: 'Load balancer of the web servers: the one way in from the CDN',
    Firewallwarehouse6CADF30E: 'Redshift: rows that left the database',
    Firewallweb56761D56: 'Web servers: nginx',
    FirewallappBalancer8DAAF2D9: 'Load balancer of the application servers',
    FirewallreadBA2E53D9: 'Application servers that read',
    Firewallwrite9BB0D37E: 'Application servers that write',
    FirewallusersReadAEA675C9: 'User service: servers that read',
    FirewallusersWrite950C5C21: 'User service: servers that write',
    FirewallrpcBalancer2D19BA8E: 'Load balancer of calls between the services',
    Firewallcache9425AAF1: 'Valkey: copies of what is read often',
    FirewallqueueD3001686: 'Interface endpoint of SQS',
  });
});

test('CDK-10: cdk-nag has nothing to say', () => {
  // It runs in the synthesis of every phase, which throws when there is a finding.
  for (const { number, options } of everyPhase) expect(() => synthesized(number, options)).not.toThrow();
});

test('CDK-12: cdk.json says the phase, and the first stack remembers it', () => {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  expect(Number.isInteger(context.phase)).toBe(true);
  for (const { stack, phase, properties } of resources('Custom::PhaseGuard')) {
    expect([stack, properties.Phase]).toEqual(['Shop-Network', phase.split(' ')[0]]);
  }
  expect(resources('Custom::PhaseGuard')).toHaveLength(everyPhase.length);
});

test('CDK-14: the machine image is chosen for a release, and a deploy that changes nothing asks for the same one', () => {
  for (const { properties } of resources('AWS::EC2::LaunchTemplate')) {
    const { ImageId } = properties.LaunchTemplateData as { ImageId: unknown };
    expect(JSON.stringify(ImageId)).toMatch(/Fn::GetAtt.*MachineImage/);
  }
  for (const { properties } of resources('Custom::MachineImage')) {
    expect(properties).toMatchObject({ Release: '2026-11' });
  }
});

test('CDK-14: deploy.md says when to take a newer image, and how to see how old the present one is', () => {
  const [, section = ''] = readFileSync(join(root, 'docs/deploy.md'), 'utf8').split('### A newer image');
  expect(section).toMatch(/every quarter/);
  expect(section).toMatch(/aws ec2 describe-images .*--query 'Images\[\]\.\[Name,DeprecationTime\]'/s);
  for (const { properties } of resources('AWS::EC2::LaunchTemplate'))
    expect(JSON.stringify(properties.LaunchTemplateData)).toContain('"Key":"shop:role"');
});

test('ELB-8: deploy.md tries a balancer and a distribution, which a young account is refused, before the way back closes', () => {
  const words = readFileSync(join(root, 'docs/deploy.md'), 'utf8');
  for (const command of ['aws elbv2 create-load-balancer', 'aws cloudfront create-distribution'])
    expect(words).toContain(command);
  // The subnets that the first command takes.
  const [, young = ''] = words.split('A young account may');
  const [, ranges = ''] = /Name=cidr-block,Values=(\S+)/.exec(young) ?? [];
  const made = resources('AWS::EC2::Subnet').map(({ properties }) => properties.CidrBlock);
  expect(ranges.split(',')).toHaveLength(2);
  for (const range of ranges.split(',')) expect(made).toContain(range);
});

interface LaunchTemplateData {
  InstanceType: string;
  MetadataOptions: unknown;
  BlockDeviceMappings: { Ebs: { Encrypted: boolean } }[];
  NetworkInterfaces: { AssociatePublicIpAddress: boolean }[];
}

test('ELB-7: instances are Graviton, ask for tokens, encrypt their disks and get no address of their own', () => {
  const templates = resources('AWS::EC2::LaunchTemplate');
  expect(templates.length).toBeGreaterThan(0);
  for (const { properties } of templates) {
    const data = properties.LaunchTemplateData as unknown as LaunchTemplateData;
    expect(data.MetadataOptions).toMatchObject({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    expect(data.BlockDeviceMappings.every(({ Ebs }) => Ebs.Encrypted)).toBe(true);
    expect(data.NetworkInterfaces.some((one) => one.AssociatePublicIpAddress)).toBe(false);
    expect(data.InstanceType).toMatch(/^(t4g|[cmr]\dg)\./);
  }
  for (const { properties } of resources('AWS::EC2::Subnet'))
    expect(properties.MapPublicIpOnLaunch).toBe(false);
  for (const { properties } of resources('AWS::EC2::Volume')) expect(properties.Encrypted).toBe(true);
});

test('ELB-12: a group that scales by its CPU runs on a type that does not burst, and is measured each minute', () => {
  const tracking = resources('AWS::AutoScaling::ScalingPolicy').filter(({ properties }) =>
    JSON.stringify(properties).includes('ASGAverageCPUUtilization'),
  );
  expect(tracking.length).toBeGreaterThan(0);
  for (const { phase, id } of tracking) {
    const fleet = id.replace(/Scaling.*/, '');
    const templates = resources('AWS::EC2::LaunchTemplate').filter(
      (one) => one.phase === phase && one.id.startsWith(`${fleet}Template`),
    );
    expect(templates).toHaveLength(1);
    // A burstable type with spent credits is slow at a CPU that looks idle.
    expect(templates[0]?.properties.LaunchTemplateData).toMatchObject({
      InstanceType: expect.stringMatching(/^[cmr]\dg\./),
      Monitoring: { Enabled: true },
    });
  }
});

test('ELB-9: ports are opened in the firewall alone', () => {
  const elsewhere = resources(
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::EC2::SecurityGroupEgress',
  ).filter(
    ({ resource }) => !String(resource.Metadata?.['aws:cdk:path']).startsWith('Shop-Network/Firewall/'),
  );
  expect(named(elsewhere)).toEqual([]);
});

test('ELB-9: a rule names one port, and only 80 and 443 are open to everybody', () => {
  for (const { properties } of resources('AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress')) {
    expect(properties).toMatchObject({ IpProtocol: 'tcp', FromPort: properties.ToPort });
    if (properties.CidrIp === '0.0.0.0/0') expect([80, 443]).toContain(properties.FromPort);
  }
});

test('SQS-9: every function says its memory, time limit and tracing', () => {
  const vague = resources('AWS::Lambda::Function').filter(
    ({ properties }) => !properties.MemorySize || !properties.Timeout || !properties.TracingConfig,
  );
  expect(named(vague.filter(({ id }) => !excepted('SQS-9', id)))).toEqual([]);
});

test('SQS-9: no function of the shop has less than 256 MB, and none that moves rows less than 1,024', () => {
  const least = (id: string) =>
    /^(FederationFunction|UserShardsMover|WarehouseArchive)/.test(id) ? 1024 : 256;
  const small = resources('AWS::Lambda::Function').filter(
    ({ id, properties }) => !/ResourceProvider/.test(id) && Number(properties.MemorySize) < least(id),
  );
  expect(named(small)).toEqual([]);
});

test('SQS-9: a function that nobody waits for has an alarm on its errors', () => {
  const alarmed = JSON.stringify(
    resources('AWS::CloudWatch::Alarm').map(({ properties }) => properties.Dimensions),
  );
  const targets = resources('AWS::Events::Rule').flatMap(({ properties }) => {
    const [{ Arn }] = properties.Targets as unknown as [{ Arn: { 'Fn::GetAtt': [string] } }];
    return Arn['Fn::GetAtt'][0];
  });
  expect(targets.length).toBeGreaterThan(0);
  for (const target of targets) expect(alarmed).toContain(target);
});

test('DATA-3: no template holds a credential', () => {
  const secret = /"(MasterUserPassword|SecretString|Password)":|mysql:\/\/[^"/]*@|BEGIN [A-Z ]*PRIVATE KEY/i;
  for (const { id, properties } of resources())
    expect([id, JSON.stringify(properties)]).toEqual([id, expect.not.stringMatching(secret)]);
  for (const { properties } of resources('AWS::SecretsManager::Secret'))
    expect(properties.GenerateSecretString).toMatchObject({
      GenerateStringKey: 'password',
      // Nobody types one, and nobody guesses one.
      PasswordLength: 40,
    });
});

test('DATA-3: a way to a service of AWS is for principals of this account alone, but for what has none', () => {
  const documented = ['AnswersToCloudFormation', 'AmazonLinuxPackages'];
  const endpoints = resources('AWS::EC2::VPCEndpoint');
  expect(endpoints.length).toBeGreaterThan(everyPhase.length);
  for (const { id, properties } of endpoints) {
    const { Statement } = properties.PolicyDocument as unknown as { Statement: PolicyStatement[] };
    for (const { Sid, Condition } of Statement.filter((one) => !documented.includes(one.Sid ?? '')))
      expect([id, Sid, Condition]).toEqual([
        ...[id, Sid],
        { StringEquals: expect.objectContaining({ 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } }) },
      ]);
    // Names of buckets have no account in them, so nothing else keeps data from a stranger's bucket.
    for (const { Condition } of Statement.filter(({ Sid }) => Sid === 'BucketsOfThisAccount'))
      expect(Condition).toMatchObject({ StringEquals: { 'aws:ResourceAccount': { Ref: 'AWS::AccountId' } } });
  }
});

test('DATA-3: a host or function uses a key for the service whose data it may read, and for no other', () => {
  const granted = resources('AWS::IAM::Policy').flatMap(({ id, properties }) =>
    (properties.PolicyDocument as unknown as { Statement: PolicyStatement[] }).Statement.filter(
      ({ Action }) => JSON.stringify(Action).includes('"kms:'),
    ).map((statement) => ({ id, statement })),
  );
  expect(granted.length).toBeGreaterThan(0);
  for (const { id, statement } of granted)
    expect([id, statement.Condition]).toEqual([
      id,
      { StringEquals: { 'kms:ViaService': expect.stringMatching(/^[a-z]+\.[a-z0-9-]+\.amazonaws\.com$/) } },
    ]);
});

test('a service that may call a function does so for one resource of this account', () => {
  const open = resources('AWS::Lambda::Permission').filter(
    ({ properties }) => !properties.SourceArn && !properties.SourceAccount,
  );
  expect(named(open)).toEqual([]);
});

test('while hosts are replaced one by one, nothing else adds or removes any', () => {
  const rolling = resources('AWS::AutoScaling::AutoScalingGroup').flatMap(({ id, resource }) => {
    const { AutoScalingRollingUpdate } = (resource.UpdatePolicy ?? {}) as Record<
      string,
      { SuspendProcesses: unknown }
    >;
    return AutoScalingRollingUpdate ? [[id, AutoScalingRollingUpdate.SuspendProcesses] as const] : [];
  });
  expect(rolling.length).toBeGreaterThan(0);
  for (const [id, suspended] of rolling)
    expect([id, suspended]).toEqual([
      id,
      ['HealthCheck', 'ReplaceUnhealthy', 'AZRebalance', 'AlarmNotification', 'ScheduledActions'],
    ]);
});

test('the disk of the box has a snapshot each day, and the last seven are kept', () => {
  const policies = resources('AWS::DLM::LifecyclePolicy');
  const volumes = resources('AWS::EC2::Volume').filter(({ phase }) =>
    policies.some((one) => one.phase === phase),
  );
  expect(volumes).toHaveLength(policies.length);
  expect(policies.length).toBeGreaterThan(0);
  for (const { phase, properties } of policies) {
    const { TargetTags, Schedules } = properties.PolicyDetails as unknown as {
      TargetTags: unknown[];
      Schedules: unknown[];
    };
    const [volume] = volumes.filter((one) => one.phase === phase);
    expect([properties.State, volume?.properties.Tags]).toEqual([
      'ENABLED',
      expect.arrayContaining(TargetTags),
    ]);
    expect(TargetTags).toHaveLength(1);
    expect(Schedules).toMatchObject([
      { CreateRule: { Interval: 24, IntervalUnit: 'HOURS' }, RetainRule: { Count: 7 } },
    ]);
  }
});

test('OPS-1: each metric of an alarm is in what it computes', () => {
  const computed = resources('AWS::CloudWatch::Alarm').filter(({ properties }) => properties.Metrics);
  expect(computed.length).toBeGreaterThan(0);
  const unused = computed.flatMap(({ phase, id, properties }) => {
    const metrics = properties.Metrics as unknown as {
      Id: string;
      Expression?: string;
      ReturnData?: boolean;
    }[];
    const expressions = metrics.flatMap(({ Expression = [] }) => Expression).join(' ');
    return metrics
      .filter(({ Id, ReturnData }) => ReturnData === false && !new RegExp(`\\b${Id}\\b`).test(expressions))
      .map(({ Id }) => `phase ${phase}: ${id} ${Id}`);
  });
  expect(unused).toEqual([]);
});

test('DATA-8: every parameter group refuses values that do not fit, and stays the group that it is', () => {
  const groups = resources('AWS::RDS::DBClusterParameterGroup', 'AWS::RDS::DBParameterGroup');
  expect(groups.length).toBeGreaterThan(0);
  for (const { properties } of groups) {
    expect(properties.Parameters).toMatchObject({
      sql_mode: expect.stringMatching(/\bSTRICT_(TRANS|ALL)_TABLES\b/),
    });
  }
  // Parameters change in place. Another family or description is another group, which takes a restart to apply.
  expect(
    new Set(groups.map(({ id, properties }) => [id, properties.Family, properties.Description].join(' | '))),
  ).toEqual(
    new Set([
      'ManagedDatabaseParameters33DD88A7 | aurora-mysql8.0 | The shop: TLS only - utf8mb4 compared by bytes - UTC',
      'UserShardsShard2DatabaseParameters18AFF1FE | aurora-mysql8.0 | The shop: TLS only - utf8mb4 compared by bytes - UTC',
      'UsersDatabaseParameters421DD1FC | aurora-mysql8.0 | The shop: TLS only - utf8mb4 compared by bytes - UTC',
    ]),
  );
});

test('DATA-9: Performance Insights is on only where an instance is never smaller than it needs, and the least is priced', () => {
  const words = readFileSync(join(root, 'docs/deploy.md'), 'utf8');
  const clusters = resources('AWS::RDS::DBCluster');
  expect(clusters.length).toBeGreaterThan(0);
  for (const { properties } of clusters) {
    const { MinCapacity } = properties.ServerlessV2ScalingConfiguration as { MinCapacity: number };
    expect({ MinCapacity, on: properties.PerformanceInsightsEnabled }).toEqual({
      MinCapacity,
      on: MinCapacity >= 2,
    });
    expect(words).toContain(`the least: ${MinCapacity} capacity units`);
    expect(words).toContain((MinCapacity * 0.12 * 730).toFixed(2));
  }
  for (const { properties } of resources('AWS::RDS::DBInstance'))
    expect(properties.EnablePerformanceInsights).toBeUndefined();
});

test('EDGE-2: buckets are private, encrypted, TLS only and clean up after themselves', () => {
  const buckets = resources('AWS::S3::Bucket');
  const policies = resources('AWS::S3::BucketPolicy');
  expect(policies).toHaveLength(buckets.length);
  for (const { properties } of buckets) {
    expect(properties).toMatchObject({
      BucketEncryption: expect.anything(),
      LifecycleConfiguration: expect.anything(),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  }
  for (const { properties } of policies)
    expect(JSON.stringify(properties)).toContain('"aws:SecureTransport":"false"');
});

test('EDGE-2, EDGE-3: pages of the shop may upload to the object store, and pages of nobody else', () => {
  const origins = resources('AWS::S3::Bucket').flatMap(({ phase, properties: { CorsConfiguration } }) =>
    CorsConfiguration ? [[phase, JSON.stringify(CorsConfiguration)] as const] : [],
  );
  expect(origins.length).toBeGreaterThan(0);
  for (const [phase, cors] of origins)
    expect(cors).toMatch(
      phase.endsWith('everything')
        ? /"AllowedOrigins":\["https:\/\/shop\.example\.com"\]/
        : phaseNumbered(Number.parseInt(phase, 10))?.box !== 'serves'
          ? /"AllowedOrigins":\["https:\/\/\*\.cloudfront\.net"\]/
          : /"AllowedOrigins":\[\{"Fn::Join":\["",\["https:\/\/",\{"Fn::ImportValue":"Shop-Network:[^"]*Address/,
    );
});

test('EDGE-5: an origin in the VPC has no tags, which could never change, and no tag is given to all', () => {
  const origins = resources('AWS::CloudFront::VpcOrigin');
  expect(origins.length).toBeGreaterThan(0);
  expect(named(origins.filter(({ properties }) => 'Tags' in properties))).toEqual([]);
  const { tags } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  expect(tags).toBeUndefined();
});

const headings = () =>
  new Set(
    [...readFileSync(join(root, 'docs/runbook.md'), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  );

test('OPS-1: every alarm does something and names a section of the runbook that exists', () => {
  const sections = headings();
  const composites = resources('AWS::CloudWatch::CompositeAlarm');
  // An alarm over several windows reads these, and tells people itself.
  const windows = JSON.stringify(composites.map(({ properties }) => properties.AlarmRule));
  const alarms = [...resources('AWS::CloudWatch::Alarm'), ...composites].filter(
    ({ id }) => !excepted('OPS-1', id) && !windows.includes(`"${id}"`),
  );
  for (const { id, properties } of alarms) {
    expect(properties.AlarmActions).toHaveLength(1);
    const [, section] = /docs\/runbook\.md#([\w-]+)$/.exec(String(properties.AlarmDescription)) ?? [];
    expect([id, sections.has(section ?? '')]).toEqual([id, true]);
  }
});

test('OPS-3: CloudWatch may write to the topic and use its key, under no condition that it is not documented to meet', () => {
  const lettingIn = (type: string, name: string) =>
    resources(type)
      .filter(({ stack }) => stack === 'Shop-Operations' || stack === 'Shop-EdgeAlarms')
      .map(({ properties }) =>
        (properties[name] as unknown as { Statement: PolicyStatement[] }).Statement.filter(
          ({ Effect, Principal }) =>
            Effect === 'Allow' && [Principal?.Service].flat().includes('cloudwatch.amazonaws.com'),
        ),
      );
  const [keys, topics] = [
    lettingIn('AWS::KMS::Key', 'KeyPolicy'),
    lettingIn('AWS::SNS::TopicPolicy', 'PolicyDocument'),
  ];
  expect(keys.length).toBeGreaterThan(everyPhase.length);
  expect(topics).toHaveLength(keys.length);
  for (const statements of keys)
    expect(statements).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: expect.anything() },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Resource: '*',
      },
    ]);
  for (const statements of topics) {
    expect(statements).toMatchObject([{ Action: 'sns:Publish' }]);
    const [{ Condition } = {}] = statements;
    expect(JSON.stringify(Condition)).toMatch(
      /^{"ArnLike":{"aws:SourceArn":.*:cloudwatch:.*:alarm:\*"\]\]}}}$/,
    );
  }
});

interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action?: unknown;
  readonly Principal?: { readonly Service?: string | readonly string[] };
  readonly Condition?: unknown;
}

test('OPS-3: a drill proves that alarms arrive', () => {
  const words = readFileSync(join(root, 'docs/deploy.md'), 'utf8');
  const [, prefix = ''] = /describe-alarms --alarm-name-prefix (\S+)/.exec(words) ?? [];
  expect(words).toContain('aws cloudwatch set-alarm-state ');
  // CloudFormation names an alarm by its stack and its id.
  const named = resources('AWS::CloudWatch::Alarm').filter(({ stack, id }) =>
    `${stack}-${id}`.startsWith(prefix),
  );
  expect(new Set(named.map(({ phase }) => phase)).size).toBe(everyPhase.length);
});

test('OPS-1, A3: CPU, memory, disks, disk traffic, network and life of the box are watched', () => {
  const alarms = resources('AWS::CloudWatch::Alarm').filter(({ phase }) => phase === '1 default');
  expect(alarms.map(({ id }) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
    'BoxCriticalRefused',
    'BoxMissing',
    'BoxRefused',
    'ClaimFailed',
    'Cpu',
    'CpuCredits',
    'DataDisk',
    'DiskOperations',
    'DiskThroughput',
    'Memory',
    'Network',
    'OutgrownBoxCpu',
    'OutgrownBoxMemory',
    'OutgrownDataDisk',
    'RootDisk',
    'StatusCheck',
  ]);
});

test('OPS-1: Aurora is watched as AWS recommends, and so are the functions that maintain it', () => {
  const alarms = resources('AWS::CloudWatch::Alarm').filter(({ phase }) => phase === '2 default');
  const about = (id: string) => /^(Database|Migration|Rotation)/.test(id);
  expect(
    alarms
      .map(({ id }) => id.replace(/[0-9A-F]{8}$/, ''))
      .filter(about)
      .sort(),
  ).toEqual([
    'DatabaseCapacity',
    'DatabaseConnections',
    'DatabaseCpu',
    'DatabaseDeadlocks',
    'DatabaseLocalStorage',
    'DatabaseMemory',
    'DatabaseMissing',
    'DatabaseVolume',
    'MigrationFailed',
    'RotationFailed',
  ]);
});

test('OPS-2: the cost table names what costs by the hour', () => {
  const words = readFileSync(join(root, 'docs/deploy.md'), 'utf8');
  const names = [
    'interface endpoint',
    'Elastic IP',
    't4g.small',
    'gp3',
    'KMS',
    'Aurora',
    'Valkey',
    'Secrets Manager',
    'S3',
    'load balancer',
    'CloudFront',
    'WAF',
  ];
  for (const name of names) expect(words).toContain(name);
  if (resources('AWS::EC2::NatGateway').length > 0) expect(words).toContain('NAT gateway');
});

test('exceptions are about something that exists', () => {
  const known = new Set(resources().map(({ id }) => id));
  const { 'CDK-3': { LifecycleHookName: _, ...named } = {}, ...rules } = exceptions;
  for (const id of [...Object.keys(named), ...Object.values(rules).flatMap(Object.keys)])
    expect([id, known.has(id)]).toEqual([id, true]);
});

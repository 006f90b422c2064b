import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constructPath } from '../../lib/review/cloudformation';
import { heldBy } from '../../lib/review/stateful';
import { type DeployedResource, everyPhase, resources, synthesized } from './synthesized';

const root = join(__dirname, '../..');

/** Where a rule does not hold, and why that is right. Rule id, then logical id or path. */
const exceptions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  C1: {
    Address:
      'The network stack goes first and all others need it; the address is retained whatever happens to it.',
    AlarmsKey3C2381B3: 'Encrypts messages on their way and stores nothing; a new key serves as well.',
  },
  C3: {
    LifecycleHookName: 'A hook in the list of its group must have a name; it begins with that of the stack.',
  },
  Q9: {
    CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E: 'The CDK makes it and sets no tracing.',
    AWS679f53fac002430cb0da5b7982bd22872D164C4C: 'The CDK makes it and sets neither memory nor tracing.',
    CustomCrossRegionExportReaderCustomResourceProviderHandler46647B68:
      'The CDK makes it and sets no tracing.',
    CustomCrossRegionExportWriterCustomResourceProviderHandlerD8786E8A:
      'The CDK makes it and sets no tracing.',
  },
  O1: {
    TiersWebFleetRolloutAlarm637D7798: 'The roll-out reads it; Operations has one that tells people.',
    TiersApiReadFleetRolloutAlarmB76AF6A5: 'The roll-out reads it; Operations has one that tells people.',
    TiersApiWriteFleetRolloutAlarmF37DB91E: 'The roll-out reads it; Operations has one that tells people.',
  },
};

const excepted = (rule: string, id: string) => id in (exceptions[rule] ?? {});

/** Names that people can find: phase, stack and id of what breaks the rule. */
const named = (found: readonly DeployedResource[]) =>
  found.map(({ phase, stack, id }) => `phase ${phase}: ${stack}/${id}`);

const protectedStack = ({ phase, stack }: DeployedResource) => {
  const [number, options] = phase.split(' ') as [string, 'default' | 'everything'];
  return synthesized(Number(number), options).protectedStacks.includes(stack);
};

const stateful = () => resources().filter(({ resource }) => heldBy(resource));

test('C1: what holds data is in a stack with termination protection, and says what happens when it is removed', () => {
  const loose = stateful().filter((found) => !protectedStack(found) && !excepted('C1', found.id));
  const silent = stateful().filter(
    ({ resource }) => !resource.DeletionPolicy || !resource.UpdateReplacePolicy,
  );
  expect(named(loose)).toEqual([]);
  expect(named(silent)).toEqual([]);
});

test('C1: what is paid for by the hour goes again when the deploy that made it fails, and at no other time', () => {
  const paid = stateful().filter(({ resource }) =>
    ['AWS::EC2::EIP', 'AWS::EC2::Volume', 'AWS::RDS::DBInstance'].includes(resource.Type),
  );
  expect(new Set(paid.map(({ id }) => id)).size).toBe(4);
  for (const { resource } of paid) {
    expect(resource).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  }
});

test('C1: every log group ends by itself', () => {
  expect(named(resources('AWS::Logs::LogGroup').filter((log) => !log.properties.RetentionInDays))).toEqual(
    [],
  );
});

test('C2: the logical ids of what holds data never change', () => {
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
    'Shop-Data/ManagedUsersAccount7C62C40E': 'AWS::SecretsManager::Secret',
    'Shop-Data/ManagedUsersReader49DC0147': 'AWS::SecretsManager::Secret',
    'Shop-Data/ManagedInventoryReaderE8F5B7CC': 'AWS::SecretsManager::Secret',
    'Shop-Data/ManagedInventoryAccountD7016E51': 'AWS::SecretsManager::Secret',
    'Shop-Data/ContentAccessLogsD9B3478A': 'AWS::S3::Bucket',
    'Shop-Data/ContentMedia14FBA27D': 'AWS::S3::Bucket',
    'Shop-Data/ContentStaticD1467DD7': 'AWS::S3::Bucket',
    'Shop-Operations/AlarmsKey3C2381B3': 'AWS::KMS::Key',
  });
});

test('C3: nothing has a name of its own, so that nothing has to be unique or blocks its own replacement', () => {
  const naming =
    /"(BucketName|RoleName|FunctionName|TopicName|AlarmName|GroupName|LogGroupName|TableName|LaunchTemplateName|AutoScalingGroupName)":"/;
  expect(named(resources().filter(({ properties }) => naming.test(JSON.stringify(properties))))).toEqual([]);
});

test('C3: choices are made in TypeScript, not by CloudFormation', () => {
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

test('C3, C4: below the app entry nothing reads the environment or looks anything up', () => {
  const constructs = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/\.(handler|steps)\.ts$/.test(file),
  );
  const breaking = constructs.filter((file) =>
    /process\.env|fromLookup|\.lookup\(/.test(readFileSync(join(root, 'lib', file), 'utf8')),
  );
  expect(constructs.length).toBeGreaterThan(20);
  expect(breaking).toEqual([]);
});

test('C5: subnets are in the first three zones of the region, whichever those are', () => {
  const zones = resources('AWS::EC2::Subnet').map(({ properties }) => properties.AvailabilityZone);
  const zone = (index: number) => ({ 'Fn::Select': [index, { 'Fn::GetAZs': '' }] });
  expect(new Set(zones.map((z) => JSON.stringify(z)))).toEqual(
    new Set([0, 1, 2].map((index) => JSON.stringify(zone(index)))),
  );
});

test('A4: the box is in the zone of its data', () => {
  const [first] = resources('AWS::EC2::Subnet').filter(({ id }) => id.startsWith('Public1'));
  for (const { properties } of resources('AWS::EC2::Volume')) {
    expect(properties.AvailabilityZone).toEqual(first?.properties.AvailabilityZone);
  }
  const groups = resources('AWS::AutoScaling::AutoScalingGroup').filter(({ id }) => id.startsWith('Box'));
  expect(groups).toHaveLength(everyPhase.length);
  for (const { properties } of groups)
    expect(JSON.stringify(properties.VPCZoneIdentifier)).toContain(first?.id);
});

test('C7: no construct path holds the number of a phase', () => {
  const paths = resources().filter(({ resource }) => /phase[-_ ]?\d/i.test(constructPath(resource)));
  expect(resources().every(({ resource }) => constructPath(resource) !== '')).toBe(true);
  expect(named(paths)).toEqual([]);
});

test('C8: what holds data takes nothing from another stack that would replace it', () => {
  // CloudFormation's reference says "Update requires: No interruption" of these.
  const updatable = ['VpcSecurityGroupIds', 'CorsConfiguration'];
  const importing = stateful().filter(({ properties }) =>
    Object.entries(properties).some(
      ([name, value]) => !updatable.includes(name) && JSON.stringify(value).includes('Fn::ImportValue'),
    ),
  );
  expect(named(importing)).toEqual([]);
});

test('C9: the descriptions of security groups are what they were, since a new one would replace the group', () => {
  const groups = resources('AWS::EC2::SecurityGroup');
  expect(Object.fromEntries(groups.map(({ id, properties }) => [id, properties.GroupDescription]))).toEqual({
    FirewallboxCD78B6F1: 'The box: nginx, the app and the database on one instance',
    Firewallconnect09D9C8B7: 'EC2 Instance Connect endpoint: the way to a shell without an open port 22',
    Firewalllogs6E25D23E: 'Interface endpoint of CloudWatch Logs',
    Firewallsecrets77255BCB: 'Interface endpoint of Secrets Manager',
    Firewalldatabase37A7FD74: 'Aurora: the rows of users and inventory',
    Firewallmaintenance08FB55A7: 'Functions that migrate the database and change its passwords',
    FirewallwebBalancer88A9774B: 'Load balancer of the web servers: the one way in from the CDN',
    Firewallweb56761D56: 'Web servers: nginx',
    FirewallappBalancer8DAAF2D9: 'Load balancer of the application servers',
    FirewallreadBA2E53D9: 'Application servers that read',
    Firewallwrite9BB0D37E: 'Application servers that write',
  });
});

test('C10, C11: cdk-nag and the validation of the CDK have nothing to say', () => {
  // Both run in the synthesis of every phase, which throws when there is a finding.
  for (const { number, options } of everyPhase) expect(() => synthesized(number, options)).not.toThrow();
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  expect(context['@aws-cdk/core:validateAgainstDefaultRules']).toBe(true);
});

test('C12: cdk.json says the phase, and the first stack remembers it', () => {
  const { context } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
  expect(Number.isInteger(context.phase)).toBe(true);
  for (const { stack, phase, properties } of resources('Custom::PhaseGuard')) {
    expect([stack, properties.Phase]).toEqual(['Shop-Network', phase.split(' ')[0]]);
  }
  expect(resources('Custom::PhaseGuard')).toHaveLength(everyPhase.length);
});

test('C14: the machine image is chosen for a release, and a deploy that changes nothing asks for the same one', () => {
  for (const { properties } of resources('AWS::EC2::LaunchTemplate')) {
    const { ImageId } = properties.LaunchTemplateData as { ImageId: unknown };
    expect(JSON.stringify(ImageId)).toMatch(/Fn::GetAtt.*MachineImage/);
  }
  for (const { properties } of resources('Custom::MachineImage')) {
    expect(properties).toMatchObject({ Release: '2026-11' });
  }
});

interface LaunchTemplateData {
  InstanceType: string;
  MetadataOptions: unknown;
  BlockDeviceMappings: { Ebs: { Encrypted: boolean } }[];
  NetworkInterfaces: { AssociatePublicIpAddress: boolean }[];
}

test('L7: instances are Graviton, ask for tokens, encrypt their disks and get no address of their own', () => {
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

test('L9: ports are opened in the firewall alone', () => {
  const elsewhere = resources(
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::EC2::SecurityGroupEgress',
  ).filter(
    ({ resource }) => !String(resource.Metadata?.['aws:cdk:path']).startsWith('Shop-Network/Firewall/'),
  );
  expect(named(elsewhere)).toEqual([]);
});

test('L9: a rule names one port, and only 80 and 443 are open to everybody', () => {
  for (const { properties } of resources('AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress')) {
    expect(properties).toMatchObject({ IpProtocol: 'tcp', FromPort: properties.ToPort });
    if (properties.CidrIp === '0.0.0.0/0') expect([80, 443]).toContain(properties.FromPort);
  }
});

test('Q9: every function says its memory, time limit and tracing', () => {
  const vague = resources('AWS::Lambda::Function').filter(
    ({ properties }) => !properties.MemorySize || !properties.Timeout || !properties.TracingConfig,
  );
  expect(named(vague.filter(({ id }) => !excepted('Q9', id)))).toEqual([]);
});

test('Q9: a function that nobody waits for has an alarm on its errors', () => {
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

test('D3: no template holds a credential', () => {
  const secret = /"(MasterUserPassword|SecretString|Password)":|mysql:\/\/[^"/]*@|BEGIN [A-Z ]*PRIVATE KEY/i;
  for (const { id, properties } of resources())
    expect([id, JSON.stringify(properties)]).toEqual([id, expect.not.stringMatching(secret)]);
  for (const { properties } of resources('AWS::SecretsManager::Secret'))
    expect(properties.GenerateSecretString).toMatchObject({ GenerateStringKey: 'password' });
});

test('F2: buckets are private, encrypted, TLS only and clean up after themselves', () => {
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

test('F2, F3: pages of the shop may upload to the object store, and pages of nobody else', () => {
  const origins = resources('AWS::S3::Bucket').flatMap(({ phase, properties: { CorsConfiguration } }) =>
    CorsConfiguration ? [[phase, JSON.stringify(CorsConfiguration)] as const] : [],
  );
  expect(origins.length).toBeGreaterThan(0);
  for (const [phase, cors] of origins)
    expect(cors).toMatch(
      phase.endsWith('everything')
        ? /"AllowedOrigins":\["https:\/\/shop\.example\.com"\]/
        : /"AllowedOrigins":\[\{"Fn::Join":\["",\["https:\/\/",\{"Fn::ImportValue":"Shop-Network:[^"]*Address/,
    );
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

test('O1: every alarm does something and names a section of the runbook that exists', () => {
  const sections = headings();
  const alarms = resources('AWS::CloudWatch::Alarm').filter(({ id }) => !excepted('O1', id));
  for (const { id, properties } of alarms) {
    expect(properties.AlarmActions).toHaveLength(1);
    const [, section] = /docs\/runbook\.md#([\w-]+)$/.exec(String(properties.AlarmDescription)) ?? [];
    expect([id, sections.has(section ?? '')]).toEqual([id, true]);
  }
});

test('O1: CloudWatch may write to the topic and use its key, or every alarm would be silent', () => {
  const policies = [
    ...resources('AWS::SNS::TopicPolicy').map(({ properties }) => properties.PolicyDocument),
    ...resources('AWS::KMS::Key')
      .filter(({ stack }) => stack === 'Shop-Operations')
      .map(({ properties }) => properties.KeyPolicy),
  ];
  expect(policies.length).toBeGreaterThan(1);
  for (const policy of policies) {
    expect(policy).toMatchObject({
      Statement: expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
        }),
      ]),
    });
  }
});

test('O1, A3: CPU, memory, disks, disk traffic, network and life of the box are watched', () => {
  const alarms = resources('AWS::CloudWatch::Alarm').filter(({ phase }) => phase === '1 default');
  expect(alarms.map(({ id }) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
    'BoxMissing',
    'ClaimFailed',
    'Cpu',
    'CpuCredits',
    'DataDisk',
    'DiskOperations',
    'DiskThroughput',
    'Memory',
    'Network',
    'RootDisk',
    'StatusCheck',
  ]);
});

test('O1: Aurora is watched as AWS recommends, and so are the functions that maintain it', () => {
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

test('O2: the cost table names what costs by the hour', () => {
  const words = readFileSync(join(root, 'docs/deploy.md'), 'utf8');
  const names = [
    'interface endpoint',
    'Elastic IP',
    't4g.small',
    'gp3',
    'KMS',
    'Aurora',
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
  for (const id of Object.keys({ ...exceptions.C1, ...exceptions.Q9, ...exceptions.O1 }))
    expect([id, known.has(id)]).toEqual([id, true]);
});

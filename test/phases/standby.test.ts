import type { Json } from '../../review/cloudformation';
import { synthesized } from './synthesized';

/** Row C3, rules DATA-1 to DATA-4 and DATA-7, and the changes of phase 3 to the network and to the data. */
const [before, phase] = [synthesized(2), synthesized(3)];
const everything = synthesized(3, 'everything');

const named = ({ templates }: typeof phase, stack: string) => templates[stack]?.Resources ?? {};
const all = (type: string, of = phase) =>
  Object.keys(of.templates).flatMap((stack) =>
    Object.entries(named(of, stack))
      .filter(([, resource]) => resource.Type === type)
      .map(([id, { Properties = {} }]) => ({ id, stack, properties: Properties })),
  );
const text = (value: unknown) => JSON.stringify(value);
const zone = (index: number) => `us-east-1${'abc'[index]}`;

const writer = 'ManagedDatabaseInstance1072761AA';
const standby = 'ManagedDatabaseInstance2DCFA61D7';

describe('the standby', () => {
  const data = named(phase, 'Shop-Data');

  test('C3: is like the writer, in another zone, and as big, so that it can take over', () => {
    const { AvailabilityZone: first, ...same } = data[writer]?.Properties ?? {};
    expect(first).toEqual(zone(0));
    expect(data[standby]?.Properties).toEqual({ ...same, AvailabilityZone: zone(1), PromotionTier: 1 });
    expect(data[standby]).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('C3: comes after the instance that writes, and changes nothing of it, of the cluster and of its settings', () => {
    expect(data[standby]?.DependsOn).toEqual([writer]);
    const of = (types: RegExp, synthesis: typeof phase) =>
      Object.entries(named(synthesis, 'Shop-Data')).filter(
        ([id, { Type }]) => types.test(Type) && id !== standby,
      );
    const rds = /^AWS::RDS::/;
    expect(of(rds, before).length).toBeGreaterThan(3);
    expect(of(rds, phase)).toEqual(of(rds, before));
  });

  test('C3, DATA-1: everybody asks for the cluster by the name that follows the writer, and nobody for the readers’', () => {
    const shop = text(phase.templates);
    expect(shop).toContain('"Endpoint.Address"');
    expect(shop).not.toContain('ReadEndpoint');
    expect(text(data[writer])).not.toContain('Endpoint');
    for (const id of [writer, standby]) expect(shop).not.toContain(`"Fn::GetAtt":["${id}","Endpoint`);
  });
});

describe('a read server', () => {
  const secrets = ['ManagedInventoryReaderE8F5B7CC', 'ManagedUsersReader49DC0147'];

  test('DATA-3: has passwords that are made, kept and changed like the others', () => {
    const data = named(phase, 'Shop-Data');
    for (const id of secrets) {
      expect(data[id]).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      expect(text(data[id]?.Properties?.GenerateSecretString)).toMatch(/(users|inventory)_reader/);
      expect(data[id]?.Properties?.KmsKeyId).toEqual({ 'Fn::GetAtt': ['ManagedKeyE0F8A17B', 'Arn'] });
    }
    const schedules = all('AWS::SecretsManager::RotationSchedule');
    expect(schedules).toHaveLength(4);
    for (const { id } of schedules) expect(text(data[id]?.DependsOn)).toContain('MigrationsDone');
    expect(schedules.map(({ properties }) => text(properties.SecretId))).toEqual(
      expect.arrayContaining(secrets.map((Ref) => text({ Ref }))),
    );
  });

  test('DATA-7: is made by the migrations, which run again because of it', () => {
    const schemas = (of: typeof phase) => all('Custom::Migrations', of)[0]?.properties.Schemas;
    expect(schemas(phase)).not.toEqual(schemas(before));
    const [migrations] = all('AWS::Lambda::Function').filter(({ id }) => id.includes('MigrationsFunction'));
    expect(migrations?.properties.Environment).toMatchObject({
      Variables: { USERS_READER: { Ref: secrets[1] }, INVENTORY_READER: { Ref: secrets[0] } },
    });
  });

  test('DATA-7: reads its own two passwords and no others; who writes, the two others', () => {
    const policies = all('AWS::IAM::Policy').filter(
      ({ stack, properties }) => stack === 'Shop-Services' && text(properties).includes('"secretsmanager:'),
    );
    const allowed = policies.map(({ id, properties }) => {
      const { Statement } = properties.PolicyDocument as unknown as { Statement: Record<string, Json>[] };
      const read = Statement.filter(({ Action }) => text(Action).includes('"secretsmanager:'));
      expect(read.map(({ Action }) => Action)).toEqual(['secretsmanager:GetSecretValue']);
      const names = text(read).match(/Managed(Users|Inventory)(Account|Reader)/g);
      return [id.replace(/RoleDefaultPolicy.*/, ''), [...new Set(names)].sort()];
    });
    const [writers, readers] = [
      ['ManagedInventoryAccount', 'ManagedUsersAccount'],
      ['ManagedInventoryReader', 'ManagedUsersReader'],
    ];
    expect(Object.fromEntries(allowed)).toEqual({
      Box: writers,
      TiersApiRead: readers,
      TiersApiWrite: writers,
    });
  });
});

describe('the network', () => {
  const subnetsOf = (service: string, of = phase) =>
    all('AWS::EC2::VPCEndpoint', of)
      .filter(({ properties }) => text(properties.ServiceName).endsWith(`${service}"`))
      .map(({ properties }) => properties.SubnetIds as unknown as { Ref: string }[])[0] ?? [];

  test.each(['logs', 'secretsmanager'])(
    'a zone that is down does not take %s away: it is in all three, and stays where it was',
    (service) => {
      const zones = subnetsOf(service).map(
        ({ Ref }) => named(phase, 'Shop-Network')[Ref]?.Properties?.AvailabilityZone,
      );
      expect(zones).toEqual([zone(0), zone(1), zone(2)]);
      expect(subnetsOf(service).slice(0, 1)).toEqual(subnetsOf(service, before));
    },
  );

  test('B4: web servers have no way to the internet, and one to S3', () => {
    expect(all('AWS::EC2::Subnet').filter(({ id }) => id.startsWith('Web'))).toHaveLength(3);
    const open = all('AWS::EC2::Route').filter(({ properties }) => properties.GatewayId);
    expect(text(open)).not.toContain('Web');
    const [gateway] = all('AWS::EC2::VPCEndpoint').filter(
      ({ properties }) => properties.VpcEndpointType === 'Gateway',
    );
    expect(text(gateway?.properties.RouteTableIds).match(/Web\dRouteTable/g)).toHaveLength(3);
  });

  const into = (member: string, of = phase) =>
    all('AWS::EC2::SecurityGroupIngress', of)
      .filter(({ properties }) => new RegExp(`"Firewall${member}[0-9A-F]{8}"`).test(text(properties.GroupId)))
      .map(({ properties: { SourceSecurityGroupId, SourcePrefixListId, CidrIp, FromPort } }) => {
        const source = text(SourceSecurityGroupId ?? SourcePrefixListId ?? CidrIp);
        return `${source.match(/Firewall([a-zA-Z]+?)[0-9A-F]{8}/)?.[1] ?? source.match(/[A-Z][a-z]+PrefixList/)?.[0]} ${FromPort}`;
      });

  test('ELB-8, ELB-9: the way in is the CDN’s alone, by one port, since its list fits into a group once', () => {
    expect(into('webBalancer')).toEqual(['CdnPrefixList 80']);
    expect(into('webBalancer', everything)).toEqual(['CdnPrefixList 443']);
    const balanced = ['web', 'appBalancer', 'read', 'write'].map((member) => [member, into(member)]);
    expect(Object.fromEntries(balanced)).toEqual({
      web: ['webBalancer 443', 'connect 22'],
      appBalancer: ['web 443', 'read 443'],
      read: ['appBalancer 8443', 'connect 22'],
      write: ['appBalancer 8443', 'connect 22'],
    });
  });

  test('DATA-2, ELB-9: the app reaches the database, and web servers reach neither it nor its passwords', () => {
    expect(into('database')).toEqual(['box 3306', 'maintenance 3306', 'read 3306', 'write 3306']);
    expect(into('secrets')).toEqual(['box 443', 'maintenance 443', 'read 443', 'write 443']);
  });

  test('hosts without an address are reached through the endpoint, also when the box takes SSH from outside', () => {
    expect(all('AWS::EC2::InstanceConnectEndpoint', everything)).toHaveLength(1);
  });
});

test('EDGE-1: the CDN may read what browsers are shown: never originals, and nothing by another account’s distribution', () => {
  const read = all('AWS::S3::BucketPolicy').flatMap(({ id, properties }) => {
    const { Statement } = properties.PolicyDocument as unknown as { Statement: Record<string, Json>[] };
    return Statement.filter(({ Principal }) => text(Principal).includes('cloudfront.amazonaws.com')).map(
      ({ Action, Resource, Condition }) => {
        expect(text(Condition)).toMatch(
          /^\{"ArnLike":\{"AWS:SourceArn":.*:cloudfront::",\{"Ref":"AWS::AccountId"\},":distribution\/\*"/,
        );
        return [id.replace(/Policy.*/, ''), Action, text(Resource).match(/"(\/[^"]*)"/)?.[1] ?? ''];
      },
    );
  });
  expect(read).toEqual([
    ['ContentMedia', 's3:GetObject', '/photos/*'],
    ['ContentStatic', 's3:GetObject', '/*'],
    ['ContentStatic', 's3:ListBucket', ''],
  ]);
});

test('CDK-1: the log of the groups outlives them', () => {
  expect(named(phase, 'Shop-Data').FleetLog59294008).toMatchObject({
    DeletionPolicy: 'Retain',
    Properties: { RetentionInDays: 30 },
  });
});

test('CDK-12: the step is taken when the data was moved, by a guard that had its permissions before', () => {
  const guard = (of: typeof phase) => all('Custom::PhaseGuard', of)[0]?.properties;
  expect(guard(before)).not.toHaveProperty('MarkerIn');
  expect(guard(phase)).toMatchObject({ Phase: '3', MarkerIn: 'Shop-Data' });
  const rights = (of: typeof phase) =>
    all('AWS::IAM::Policy', of).find(({ id }) => id.startsWith('GuardFunction'))?.properties;
  expect(text(rights(before))).toContain('placement.json');
  expect(rights(phase)).toEqual(rights(before));
});

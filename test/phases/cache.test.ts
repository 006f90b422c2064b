import { VALKEY_COMMANDS } from '../../lambda/shared/cache/valkey-scripts';
import { accessString, serviceClients, sharedClients } from '../../lib/data/cache-access';
import { phaseNumbered } from '../../lib/phases';
import type { Json, Resource } from '../../review/cloudformation';
import { stepFindings } from '../../review/evolution';
import { synthesized } from './synthesized';

/** Row D2 and rule DATA-6, of phase 4 as a deployer gets it. */
const [before, phase] = [synthesized(3), synthesized(4)];
const limits = phaseNumbered(4)?.cache;
if (!limits || limits === 'none') throw new Error('Phase 4 has a cache');

const named = ({ templates }: typeof phase, stack: string): Readonly<Record<string, Resource>> =>
  templates[stack]?.Resources ?? {};
const all = (type: string, of = phase) =>
  Object.keys(of.templates).flatMap((stack) =>
    Object.entries(named(of, stack))
      .filter(([, resource]) => resource.Type === type)
      .map(([id, resource]) => ({ id, resource, properties: resource.Properties ?? {} })),
  );
function only(type: string, id = '') {
  const [found, ...rest] = all(type).filter((each) => each.id.includes(id));
  if (!found || rest.length > 0) throw new Error(`Not one ${type} ${id}`);
  return found;
}
const text = (value: unknown) => JSON.stringify(value);
const elastiCache = (kind: string) => `AWS::ElastiCache::${kind}`;

describe('the cache', () => {
  const { resource, properties } = only(elastiCache('ServerlessCache'));

  test('D2, DATA-6: is Valkey over three zones without a way out, encrypted with the shop’s key', () => {
    expect(properties).toMatchObject({
      Engine: 'valkey',
      MajorEngineVersion: '8',
      KmsKeyId: { 'Fn::GetAtt': ['ManagedKeyE0F8A17B', 'Arn'] },
      UserGroupId: { Ref: only(elastiCache('UserGroup')).id },
    });
    expect(text(properties.SubnetIds).match(/RefData[123]Subnet/g)).toEqual([
      'RefData1Subnet',
      'RefData2Subnet',
      'RefData3Subnet',
    ]);
    expect(properties.SecurityGroupIds).toHaveLength(1);
  });

  test('D2: grows up to the limits of lib/phases.ts, which bound its cost', () => {
    expect(properties.CacheUsageLimits).toEqual({
      DataStorage: { Maximum: limits.maxGigabytes, Unit: 'GB' },
      ECPUPerSecond: { Maximum: limits.maxUnitsPerSecond },
    });
  });

  test('holds copies alone: it has no snapshots and goes with its stack', () => {
    expect(resource).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    expect(Object.keys(properties).filter((name) => name.includes('Snapshot'))).toEqual([]);
  });

  /** The findings of the review when a property has another value. */
  const changed = (type: string, change: (properties: Readonly<Record<string, Json>>) => object) => {
    const { id } = only(type, type.endsWith('User') ? 'Read' : '');
    const { [id]: one, ...rest } = named(phase, 'Shop-Data');
    const Properties = { ...one?.Properties, ...change(one?.Properties ?? {}) };
    const data = { ...phase.templates['Shop-Data'], Resources: { ...rest, [id]: { ...one, Properties } } };
    const after = { ...phase, templates: { ...phase.templates, 'Shop-Data': data } } as typeof phase;
    return stepFindings(phase, after).map(({ rule, logicalId }) => `${rule}: ${logicalId}`);
  };

  test('grows, and changes what its users may do, without being emptied', () => {
    const more = { DataStorage: { Maximum: 5, Unit: 'GB' }, ECPUPerSecond: { Maximum: 50_000 } };
    expect(changed(elastiCache('ServerlessCache'), () => ({ CacheUsageLimits: more }))).toEqual([]);
    expect(changed(elastiCache('ServerlessCache'), () => ({ MajorEngineVersion: '9' }))).toEqual([]);
    expect(changed(elastiCache('User'), () => ({ AccessString: 'off -@all' }))).toEqual([]);
  });

  test.each(['KmsKeyId', 'ServerlessCacheName', 'SubnetIds'])(
    'would be emptied by another %s, which the review says',
    (name) => {
      const other = name === 'SubnetIds' ? ['subnet-1'] : 'another';
      expect(changed(elastiCache('ServerlessCache'), () => ({ [name]: other }))).toContainEqual(
        expect.stringMatching(/^data replaced: Cache/),
      );
    },
  );
});

describe('its users', () => {
  const users = all(elastiCache('User'));

  test('D2, DATA-3: have no password, log in as who they are in IAM, and are the only ones', () => {
    expect(users).toHaveLength(2);
    for (const { properties } of users) {
      expect(properties).toMatchObject({ Engine: 'valkey', AuthenticationMode: { Type: 'iam' } });
      expect(properties.UserName).toBe(properties.UserId);
      expect(properties).not.toHaveProperty('Passwords');
      expect(properties).not.toHaveProperty('NoPasswordRequired');
    }
    expect(only(elastiCache('UserGroup')).properties).toMatchObject({
      Engine: 'valkey',
      UserIds: users.map(({ id }) => ({ Ref: id })),
    });
  });

  test.each([...sharedClients, ...serviceClients])(
    'DATA-6: hosts of $service that $access may list no keys, empty nothing and configure nothing',
    (client) => {
      const [state, ...words] = accessString(client).split(' ');
      const [none, ...commands] = words.filter((word) => !/^(%R)?~/.test(word));
      expect([state, none]).toEqual(['on', '-@all']);
      // Those of the app, and no others.
      expect(commands).toEqual(VALKEY_COMMANDS.map((command) => `+${command}`));
      expect(accessString(client)).not.toMatch(
        /\+(keys|scan|flush|config|acl|debug|client(?!\|set)|monitor|(p|s)?subscribe|script(?!\|load)|function)/,
      );
    },
  );

  test('D2: a group of hosts may log in as its own user, and as no other', () => {
    const policies = all('AWS::IAM::Policy').filter(({ properties }) =>
      text(properties).includes('elasticache:'),
    );
    const allowed = policies.map(({ id, properties }) => {
      const { Statement } = properties.PolicyDocument as unknown as { Statement: Record<string, Json>[] };
      const [one, ...rest] = Statement.filter(({ Action }) => text(Action).includes('elasticache:'));
      expect([one?.Action, rest]).toEqual(['elasticache:Connect', []]);
      const resources = (one?.Resource ?? []) as readonly Json[];
      return [
        id.replace(/RoleDefaultPolicy.*/, ''),
        resources.map(
          (each) => /FnGetAtt(Cache(Read|Write)?(User)?)[0-9A-F]{8}A(rn|RN)/.exec(text(each))?.[1],
        ),
      ];
    });
    expect(Object.fromEntries(allowed)).toEqual({
      TiersApiRead: ['Cache', 'CacheReadUser'],
      TiersApiWrite: ['Cache', 'CacheWriteUser'],
    });
  });

  test('CDK-3: names that CloudFormation demands follow from the shop, and are such that a token can be signed for them', () => {
    const names = [
      ...users.map(({ properties }) => properties.UserId),
      only(elastiCache('UserGroup')).properties.UserGroupId,
      only(elastiCache('ServerlessCache')).properties.ServerlessCacheName,
    ].map(String);
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^shopdata[a-z0-9]{1,32}$/);
  });
});

describe('the network', () => {
  const rules = (kind: 'Ingress' | 'Egress', of: 'GroupId' | 'SourceSecurityGroupId') =>
    all(`AWS::EC2::SecurityGroup${kind}`)
      .filter(({ properties }) => text(properties[of] ?? '').includes('Firewallcache'))
      .map(({ properties }) => [
        text(properties.SourceSecurityGroupId).match(/Firewall([a-z]+)/)?.[1],
        properties.FromPort,
      ]);

  test('ELB-9: read and write hosts reach the cache at one port, nobody else does, and it reaches nobody', () => {
    expect(rules('Ingress', 'GroupId')).toEqual([
      ['read', 6379],
      ['write', 6379],
    ]);
    expect(rules('Egress', 'GroupId')).toEqual([]);
    expect(rules('Ingress', 'SourceSecurityGroupId')).toEqual([]);
  });
});

describe('the hosts', () => {
  const userData = (group: string, of = phase) => {
    const [template] = all('AWS::EC2::LaunchTemplate', of).filter(({ id }) =>
      id.startsWith(`TiersApi${group}`),
    );
    return text(template?.properties).replaceAll('\\\\"', '"');
  };

  test.each(['Read', 'Write'])('D2: %s hosts know the cache by a setting that holds no secret', (group) => {
    expect(userData(group)).toMatch(
      new RegExp(
        `CACHE='valkeys://",\\{"Fn::ImportValue":"[^"]*FnGetAttCache[^"]*EndpointAddress[^"]*"\\},` +
          `":6379\\?user=shopdatacache${group.toLowerCase()}[a-z0-9]+&cache=shopdatacache[a-z0-9]+'`,
      ),
    );
    expect(userData(group, before)).not.toContain('CACHE=');
  });

  test('DATA-10: writers are replaced before readers, and the box is gone, so that nobody reads what an older release does not keep right', () => {
    const group = (name: string, of = phase) => {
      const [found] = all('AWS::AutoScaling::AutoScalingGroup', of).filter(({ id }) =>
        id.startsWith(`TiersApi${name}`),
      );
      if (!found) throw new Error(`No group ${name}`);
      return found;
    };
    const [box] = all('AWS::AutoScaling::AutoScalingGroup').filter(({ id }) => id.startsWith('Box'));
    expect(group('Read').resource.DependsOn).toEqual(expect.arrayContaining([group('Write').id, box?.id]));
    expect(group('Write').resource.DependsOn).not.toContain(group('Read').id);
    expect(group('Read', before).resource.DependsOn).not.toContain(group('Write', before).id);
  });
});

test('OPS-1: what the cache runs out of, who is refused and that nobody reaches it are watched', () => {
  const alarms = all('AWS::CloudWatch::Alarm').filter(({ id }) => id.startsWith('Cache'));
  expect(alarms.map(({ id }) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
    'CacheBytes',
    'CacheCommands',
    'CacheConnections',
    'CacheEvictions',
    'CacheLogins',
    'CacheMisses',
    'CacheSlow',
    'CacheThrottled',
    'CacheUnits',
    'CacheUnreached',
  ]);
  const name = String(only(elastiCache('ServerlessCache')).properties.ServerlessCacheName);
  for (const { id, properties } of alarms)
    expect([id, text(properties)]).toEqual([
      id,
      expect.stringContaining(`"Name":"clusterId","Value":"${name}"`),
    ]);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionLimits } from '../../lib/compute/api/function-limits';
import { mostInRollout } from '../../lib/compute/fleet/replacement';
import { type GroupSize, groupName, mostInstances, phaseNumbered } from '../../lib/phases';
import { constructPath, type Json, type Resource, references } from '../../review/cloudformation';
import { synthesized } from './synthesized';

/** Row F1: the services of phase 6 as a deployer gets them, each on hosts of its own. */
const groups = {
  users: ['UsersRead', 'UsersWrite'],
  inventory: ['Read', 'Write'],
} as const;
const everyGroup = Object.values(groups).flat();
const serviceOf = (group: string) => (group.startsWith('Users') ? 'users' : 'inventory');

interface Found {
  readonly id: string;
  readonly path: string;
  readonly resource: Resource;
  readonly properties: Readonly<Record<string, Json>>;
}

function all(type: string, under = '', stack = 'Shop-Services', number = 6): Found[] {
  const { Resources = {} } = synthesized(number).templates[stack] ?? {};
  return Object.entries(Resources)
    .map(([id, resource]) => ({
      id,
      path: constructPath(resource).replace(`${stack}/`, ''),
      resource,
      properties: resource.Properties ?? {},
    }))
    .filter(({ path, resource }) => resource.Type === type && `${path}/`.startsWith(under));
}

function only(type: string, under: string, stack = 'Shop-Services', number = 6): Found {
  const [found, ...rest] = all(type, under, stack, number);
  if (!found || rest.length > 0) throw new Error(`Not one ${type} under ${under}`);
  return found;
}

const text = (value: unknown) => JSON.stringify(value);
const elb = (kind: string) => `AWS::ElasticLoadBalancingV2::${kind}`;
const groupOf = (name: string) => only('AWS::AutoScaling::AutoScalingGroup', `Tiers/Api/${name}/`);
const idOf = (name: string) => groupOf(name).id;

/** Logical ids of everything that is made or changed before a resource, however far. */
function madeBefore(id: string, known = new Set<string>()): Set<string> {
  const { Resources = {} } = synthesized(6).templates['Shop-Services'] ?? {};
  const { Properties, DependsOn = [] } = Resources[id] ?? ({} as Partial<Resource>);
  const direct = [...references(Properties).map(({ logicalId }) => logicalId), ...[DependsOn].flat()].map(
    String,
  );
  for (const next of direct.filter((one) => one in Resources && !known.has(one))) {
    known.add(next);
    madeBefore(next, known);
  }
  return known;
}

interface Rule {
  readonly priority: number;
  readonly conditions: readonly { readonly Field: string; readonly values: readonly string[] }[];
  readonly action: string;
}

/** The rules of a balancer in their order, each with the group or the status that it leads to. */
function rulesOf(balancer: string): Rule[] {
  const action = (actions: Json | undefined) => {
    const [first] = actions as unknown as [
      { TargetGroupArn?: { Ref: string }; FixedResponseConfig?: { StatusCode: string } },
    ];
    const targets = all(elb('TargetGroup')).find(({ id }) => id === first.TargetGroupArn?.Ref);
    return (
      targets?.path
        .split('/')
        .at(-1)
        ?.replace(/(Rpc)?Targets$/, '') ??
      first.FixedResponseConfig?.StatusCode ??
      ''
    );
  };
  const [listener] = all(elb('Listener'), `${balancer}/`);
  const rules = all(elb('ListenerRule'), `${balancer}/`).map(({ properties }) => ({
    priority: Number(properties.Priority),
    conditions: (properties.Conditions as unknown as Record<string, { Values: string[] }>[]).map(
      ({ Field, ...config }) => ({
        Field: String(Field),
        values: Object.values(config).flatMap(({ Values }) => Values),
      }),
    ),
    action: action(properties.Actions),
  }));
  return [
    ...rules.sort((one, other) => one.priority - other.priority),
    {
      priority: Number.POSITIVE_INFINITY,
      conditions: [],
      action: action(listener?.properties.DefaultActions),
    },
  ];
}

/** The group that a balancer would choose. */
function chosen(balancer: string, method: string, path: string): string | undefined {
  const meets = ({ Field, values }: Rule['conditions'][number]) => {
    if (Field === 'http-request-method') return values.includes(method);
    if (Field !== 'path-pattern') return false;
    return values.some((pattern) =>
      new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(path),
    );
  };
  return rulesOf(balancer).find(({ conditions }) => conditions.every(meets))?.action;
}

describe('the app balancer', () => {
  const app = 'Tiers/Api/Balancer';

  test.each([
    ['GET', '/api/users/me', 'UsersRead'],
    ['HEAD', '/api/sessions', 'UsersRead'],
    ['POST', '/api/users', 'UsersWrite'],
    ['POST', '/api/sessions', 'UsersWrite'],
    ['DELETE', '/api/sessions/current', 'UsersWrite'],
    ['BREW', '/api/users/me', 'UsersWrite'],
    ['GET', '/api/products', 'Read'],
    ['GET', '/api/reservations?limit=5', 'Read'],
    ['POST', '/api/reservations', 'Write'],
    ['BREW', '/api/products', 'Write'],
    ['GET', '/healthz', 'Read'],
    ['POST', '/rpc/users.identify', '404'],
    ['POST', '/rpc/inventory.forgetUser', '404'],
    ['GET', '/rpc/', '404'],
  ])('F1: leads %s %s to %s', (method, path, group) => {
    expect(chosen(app, method, path)).toBe(group);
  });

  test('leads requests of phases 3 to 5 as before: the rule of those that only read is the same', () => {
    const reads = (number: number) =>
      only(elb('ListenerRule'), `${app}/Tls/ReadsRule/`, 'Shop-Services', number);
    expect(reads(6).properties).toEqual(reads(5).properties);
  });
});

describe('the balancer of calls', () => {
  const rpc = 'Tiers/Api/Rpc';

  test.each([
    ['/rpc/users.identify', 'UsersRead'],
    ['/rpc/users.names', 'UsersRead'],
    ['/rpc/users.document', 'UsersRead'],
    ['/rpc/inventory.forgetUser', 'Write'],
    ['/rpc/users.grantStaff', '404'],
    ['/rpc/users', '404'],
    ['/api/users/me', '404'],
    ['/healthz', '404'],
  ])('F1: leads %s to %s', (path, group) => {
    expect(chosen(rpc, 'POST', path)).toBe(group);
  });

  test('C1, ELB-8: is inside, over three zones, with TLS by the certificate that hosts pin, and logs', () => {
    const { properties } = only(elb('LoadBalancer'), `${rpc}/`);
    expect(properties).toMatchObject({ Scheme: 'internal' });
    expect(text(properties.Subnets).match(/RefApp[123]Subnet/g)).toHaveLength(3);
    expect(text(properties.LoadBalancerAttributes)).toContain('balancers/rpc');
    expect(only(elb('Listener'), `${rpc}/`).properties).toMatchObject({
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [
        { CertificateArn: { 'Fn::GetAtt': [only('Custom::InsideCertificate', 'Tiers/').id, 'Arn'] } },
      ],
    });
  });

  test('ELB-9: may be called by the services alone, and reaches nothing but them', () => {
    const rows = (kind: 'Ingress' | 'Egress', end: string, peer: string) =>
      all(`AWS::EC2::SecurityGroup${kind}`, 'Firewall/', 'Shop-Network')
        .filter(({ properties }) => text(properties[end]).includes('FirewallrpcBalancer'))
        .map(({ properties }) => [
          /Firewall([a-zA-Z]+?)[0-9A-F]{8}/.exec(text(properties[peer]))?.[1],
          properties.FromPort,
        ])
        .sort();
    expect(rows('Ingress', 'GroupId', 'SourceSecurityGroupId')).toEqual([
      ['read', 443],
      ['usersWrite', 443],
      ['write', 443],
    ]);
    expect(rows('Egress', 'GroupId', 'DestinationSecurityGroupId')).toEqual([
      ['read', 8443],
      ['usersRead', 8443],
      ['write', 8443],
    ]);
  });
});

test('ELB-13: a rule has at most five values, a balancer at most 100 rules, and no two of one priority', () => {
  for (const balancer of ['Tiers/Api/Balancer', 'Tiers/Api/Rpc']) {
    const rules = rulesOf(balancer);
    expect(rules.length).toBeLessThanOrEqual(100);
    expect(new Set(rules.map(({ priority }) => priority)).size).toBe(rules.length);
    for (const { conditions } of rules)
      expect(conditions.flatMap(({ values }) => values).length).toBeLessThanOrEqual(5);
  }
});

test('ELB-13: a target group has one balancer, and hosts are in one for each balancer that leads to them', () => {
  const used = (balancer: string) =>
    new Set(
      [...all(elb('Listener'), balancer), ...all(elb('ListenerRule'), balancer)].flatMap(({ properties }) =>
        references(properties).map(({ logicalId }) => logicalId),
      ),
    );
  const [app, rpc] = [used('Tiers/Api/Balancer/'), used('Tiers/Api/Rpc/')];
  for (const { id } of all(elb('TargetGroup'), 'Tiers/Api/'))
    expect([id, app.has(id) !== rpc.has(id)]).toEqual([id, true]);
  for (const group of everyGroup) {
    const targets = groupOf(group).properties.TargetGroupARNs as unknown as { Ref: string }[];
    expect(targets.map(({ Ref }) => [app.has(Ref), rpc.has(Ref)])).toEqual(
      targets.length === 2
        ? [
            [true, false],
            [false, true],
          ]
        : [[true, false]],
    );
  }
});

describe('the step from phase 5', () => {
  const routes = () =>
    all(elb('ListenerRule'), 'Tiers/Api/Balancer/').filter(({ path }) => /Service\d/.test(path));

  test('requests go to the user service only once its hosts have been found healthy', () => {
    expect(routes().length).toBeGreaterThan(1);
    for (const { id } of routes())
      for (const group of groups.users) expect([...madeBefore(id)]).toContain(idOf(group));
  });

  test('its hosts can be found healthy before that: a rule that no request meets leads to them', () => {
    for (const group of groups.users) {
      const ids = madeBefore(idOf(group));
      for (const { id } of routes()) expect(ids).not.toContain(id);
      const [rule, ...others] = all(elb('ListenerRule'), 'Tiers/Api/Balancer/').filter(
        ({ id, properties }) => ids.has(id) && text(properties.Actions).includes(`${group}Targets`),
      );
      expect(others).toEqual([]);
      expect(text(rule?.properties.Conditions)).toContain('"SourceIpConfig":{"Values":["127.0.0.1/32"]}');
    }
  });

  test('hosts of inventory stop to answer for users after requests go there', () => {
    for (const group of groups.inventory)
      for (const { id } of routes()) expect([...madeBefore(idOf(group))]).toContain(id);
  });

  test('DATA-10: in each service, hosts that read are replaced after hosts that write', () => {
    expect(madeBefore(idOf('UsersRead'))).toContain(idOf('UsersWrite'));
    expect(madeBefore(idOf('Read'))).toContain(idOf('Write'));
    expect(madeBefore(idOf('UsersWrite'))).not.toContain(idOf('Write'));
  });

  test('the groups of phases 3 to 5 are inventory’s now, with hosts of another role and profile', () => {
    for (const group of groups.inventory) {
      const [was, is] = [5, 6].map((number) => ({
        group: only('AWS::AutoScaling::AutoScalingGroup', `Tiers/Api/${group}/`, 'Shop-Services', number).id,
        template: only('AWS::EC2::LaunchTemplate', `Tiers/Api/${group}/`, 'Shop-Services', number).id,
        role: only('AWS::IAM::Role', `Tiers/Api/${group}/`, 'Shop-Services', number).id,
        profile: only('AWS::IAM::InstanceProfile', `Tiers/Api/${group}/`, 'Shop-Services', number).id,
      }));
      expect(is).toMatchObject({ group: was?.group, template: was?.template });
      // Hosts of phase 5 keep theirs until they go: in a rollback, and when the group grows meanwhile.
      expect(is?.role).not.toBe(was?.role);
      expect(is?.profile).not.toBe(was?.profile);
    }
  });
});

/** The script that hosts run at their first boot, with names in place of deploy-time values. */
function userData(group: string): string {
  const { LaunchTemplateData } = only('AWS::EC2::LaunchTemplate', `Tiers/Api/${group}/`).properties as {
    LaunchTemplateData: { UserData: { 'Fn::Base64': { 'Fn::Join': [string, unknown[]] } } };
  };
  const [, parts] = LaunchTemplateData.UserData['Fn::Base64']['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : `<${text(part)}>`)).join('');
}

const settingsOf = (group: string) =>
  Object.fromEntries(
    [...userData(group).matchAll(/^([A-Z_]+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]),
  );

describe.each(everyGroup)('%s', (group) => {
  const service = serviceOf(group);
  const other = service === 'users' ? 'inventory' : 'users';
  const account = group.endsWith('Read') ? 'Reader' : 'Account';
  const named = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
  const policy = () => text(only('AWS::IAM::Policy', `Tiers/Api/${group}/`).properties);

  test('F1, DATA-3: has the password of its own database user, and of no other', () => {
    expect(policy().match(/Managed(Users|Inventory)(Account|Reader)/g)).toEqual([
      `Managed${named(service)}${account}`,
    ]);
    expect(userData(group)).not.toMatch(new RegExp(`Managed${named(other)}|/${other}\\?secret`));
  });

  test('F1: logs in to the cache as a user of its own, who has the keys of its service alone', () => {
    const id = `Cache${named(service)}${group.replace('Users', '')}User`;
    const users = policy().match(/FnGetAtt(Cache\w*User)[0-9A-F]{8}/g) ?? [];
    expect(users).toEqual([expect.stringContaining(id)]);
    const user = all('AWS::ElastiCache::User', '', 'Shop-Data').find((one) => one.id.startsWith(id));
    const keys = String(user?.properties.AccessString).match(/\S*~\S+/g);
    const catalog = ['~catalog:*', '~*product:*', '~*products:*', '~*categories:*'];
    expect(keys).toEqual(
      {
        UsersRead: ['~session:*'],
        UsersWrite: ['~session:*'],
        Read: [...catalog, '%R~session:*'],
        Write: catalog,
      }[group],
    );
    expect(settingsOf(group).CACHE).toContain(`user=${user?.properties.UserId}`);
  });

  test('F1: reaches photos only to write them, as inventory', () => {
    expect(policy().includes('Media')).toBe(group === 'Write');
    expect(userData(group).includes('MEDIA=')).toBe(service === 'inventory');
  });

  test('F1: knows its service, its role and the way to the other service', () => {
    const rpc = expect.stringMatching(/^https:\/\/<.*TiersApiRpc.*DNSName/);
    expect(settingsOf(group)).toMatchObject({
      SHOP_SERVICES: service,
      SHOP_ROLE: group.endsWith('Read') ? 'read' : 'write',
      HOST_ROLE: group.charAt(0).toLowerCase() + group.slice(1),
    });
    const ways = Object.entries(settingsOf(group)).filter(([name]) => /_URL$|_CA$/.test(name));
    const pinned = '/etc/shop/tls/inside.pem';
    const write = expect.stringMatching(/^https:\/\/<.*TiersApiBalancer.*DNSName/);
    expect(Object.fromEntries(ways)).toEqual(
      {
        UsersRead: { WRITE_URL: write, WRITE_CA: pinned },
        UsersWrite: { INVENTORY_RPC_URL: rpc, RPC_CA: pinned },
        Read: { USERS_RPC_URL: rpc, RPC_CA: pinned },
        Write: { USERS_RPC_URL: rpc, RPC_CA: pinned },
      }[group],
    );
  });

  test('F1: is rolled back by failures of its own hosts, at every balancer, and not by those of the other service', () => {
    const { properties } = only('AWS::CloudWatch::Alarm', `Tiers/Api/${group}/Fleet/RolloutAlarm/`);
    const own = (groupOf(group).properties.TargetGroupARNs as unknown as { Ref: string }[]).map(
      ({ Ref }) => Ref,
    );
    const metrics = (properties.Metrics as unknown as { MetricStat?: Json }[]).flatMap(({ MetricStat }) =>
      MetricStat ? [text(MetricStat)] : [],
    );
    expect(metrics).toHaveLength(3 * own.length);
    for (const metric of metrics) expect(own.filter((id) => metric.includes(id))).toHaveLength(1);
    expect(metrics.join()).not.toContain('HTTPCode_ELB_5XX_Count');
  });

  test('F1, OPS-1: has alarms of its own', () => {
    const ids = all('AWS::CloudWatch::Alarm', '', 'Shop-Operations').map(({ id }) =>
      id.replace(/[0-9A-F]{8}$/, ''),
    );
    for (const kind of ['Refused', 'Restarts', 'Unhealthy', 'Hosts', 'AtMaximum', 'Cpu', 'Memory'])
      expect(ids).toContain(`${group}${kind}`);
  });

  test('F1: scales by the plan of its own', () => {
    const plan = tiersOf(6).groups.find(
      (one) => one.service === service && group.endsWith(named(one.access)),
    );
    if (!plan || plan.size.scaling === 'fixed') throw new Error('Every group of phase 6 scales');
    const { minimum, maximum } = plan.size.scaling;
    expect(groupOf(group).properties).toMatchObject({ MinSize: `${minimum}`, MaxSize: `${maximum}` });
  });
});

test('F1, ELB-9: no port leads from a service to the hosts of the other one, but by a balancer', () => {
  const direct = all('AWS::EC2::SecurityGroupIngress', 'Firewall/', 'Shop-Network')
    .map(({ path }) => path.replace('Firewall/', ''))
    .filter((row) => /^(users)?(read|write)-(users)?(read|write)-/i.test(row));
  expect(direct).toEqual([]);
});

test('F1: no role has the passwords of both services, those of the maintenance functions aside', () => {
  const policies = all('AWS::IAM::Policy').filter(({ properties }) =>
    text(properties).includes('secretsmanager:'),
  );
  expect(policies.length).toBe(everyGroup.length);
  for (const { path, properties } of policies) {
    const found = new Set(text(properties).match(/Managed(Users|Inventory)/g));
    expect([path, found.size]).toEqual([path, 1]);
  }
});

test('ELB-14: a security group has at most 60 rules each way', () => {
  for (const kind of ['Ingress', 'Egress']) {
    const counts = new Map<string, number>();
    for (const { properties } of all(`AWS::EC2::SecurityGroup${kind}`, 'Firewall/', 'Shop-Network')) {
      const group = text(properties.GroupId);
      counts.set(group, (counts.get(group) ?? 0) + ('SourcePrefixListId' in properties ? 55 : 1));
    }
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(60);
  }
});

describe('OPS-2: docs/deploy.md on phase 6', () => {
  const [, section = ''] = readFileSync(join(__dirname, '../../docs/deploy.md'), 'utf8').split(
    '## Phase 6: ',
  );
  const plans = tiersOf(6);
  const MONTH = 730;
  /** USD an hour in us-east-1, on demand. */
  const prices: Readonly<Record<string, number>> = { 'c7g.medium': 0.0363, 'c7g.large': 0.0725 };
  const inBusinessHours = (13 * 5 * MONTH) / (7 * 24);
  const least = ({ instanceType, scaling }: GroupSize) => {
    if (scaling === 'fixed') throw new Error('Every group of phase 6 scales');
    const more = (scaling.businessHours?.minimum ?? scaling.minimum) - scaling.minimum;
    return (MONTH * scaling.minimum + inBusinessHours * more) * (prices[instanceType] ?? Number.NaN);
  };
  const costOf = ({ groups: planned }: ReturnType<typeof tiersOf>, name: string) => {
    const size = planned.find((plan) => groupName(plan) === name)?.size;
    return size ? least(size) : 0;
  };
  test('names the vCPUs that the groups need, at their maximum and while a release rolls', () => {
    const cores = ({ instanceType }: GroupSize) => (instanceType.endsWith('.medium') ? 1 : 2);
    const sum = (count: (size: GroupSize) => number) =>
      [plans.web, ...plans.groups.map(({ size }) => size)].reduce(
        (total, size) => total + count(size) * cores(size),
        0,
      );
    expect(section.replace(/\s+/g, ' ')).toContain(
      `${sum(mostInstances)} vCPUs, and ${sum(mostInRollout)} while releases roll`,
    );
  });

  test('compares users on hosts with users on Lambda, by the limits of the functions', () => {
    const hosts = costOf(plans, 'usersRead') + costOf(plans, 'usersWrite');
    const GIGABYTE_SECOND = 0.0000133334;
    const gigabytes = (name: string) => {
      const plan = plans.groups.find((one) => groupName(one) === name);
      return (plan ? functionLimits(plan).memoryMegabytes : Number.NaN) / 1024;
    };
    const [read, write] = [gigabytes('usersRead'), gigabytes('usersWrite')];
    const duties = 60 * MONTH * (0.0000002 + 0.5 * write * GIGABYTE_SECOND);
    for (const rate of [1, 10, 100, 300, 1000]) {
      const requests = rate * MONTH * 3600;
      const work = 0.95 * 0.01 * read + 0.05 * 0.06 * write;
      const lambda = requests * (0.0000002 + work * GIGABYTE_SECOND) + duties;
      const [, , onHosts, onLambda] = (
        new RegExp(`^\\| ${rate.toLocaleString('en-US')} \\|.*$`, 'm').exec(section)?.[0] ?? ''
      ).split('|');
      expect([rate, Number(onHosts)]).toEqual([rate, expect.closeTo(hosts, 1)]);
      expect([rate, Number(onLambda?.replace(',', ''))]).toEqual([rate, expect.closeTo(lambda, 1)]);
    }
  });
});

function tiersOf(number: number) {
  const { tiers } = phaseNumbered(number) ?? {};
  if (!tiers || tiers === 'none') throw new Error(`Phase ${number} has tiers`);
  return tiers;
}

test('OPS-1: the alarm on connections goes off before the database refuses any, at the largest fleet too', () => {
  const alarm = all('AWS::CloudWatch::Alarm', '', 'Shop-Operations').find(({ id }) =>
    id.startsWith('DatabaseConnections'),
  );
  // At 64 units it takes 4,000.
  expect(alarm?.properties.Threshold).toBe(3600);
  expect(alarm?.properties.AlarmDescription).toContain('refuses more');
});

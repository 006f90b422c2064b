import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usualPace } from '../../lib/compute/fleet/host-health-decision';
import { phases } from '../../lib/phases';
import { constructPath, type Json, type Resource } from '../../review/cloudformation';
import { synthesized } from './synthesized';

/** Rows C1, C2, C4 and C5, and the ELB rules, of phase 3 as a deployer gets it: without a domain, and with one. */
const variants = ['default', 'everything'] as const;
const sizes = phases[2]?.tiers;
if (!sizes || sizes === 'none') throw new Error('Phase 3 has tiers');

interface Found {
  readonly id: string;
  readonly path: string;
  readonly resource: Resource;
  readonly properties: Readonly<Record<string, Json>>;
}

/** The resources of a type in the services stack, by construct path: `Tiers/Web/…`. */
function all(type: string, variant: (typeof variants)[number] = 'default'): Found[] {
  const { Resources = {} } = synthesized(3, variant).templates['Shop-Services'] ?? {};
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, resource]) => ({
      id,
      path: constructPath(resource).replace('Shop-Services/', ''),
      resource,
      properties: resource.Properties ?? {},
    }));
}

function only(type: string, under: string, variant: (typeof variants)[number] = 'default'): Found {
  const [found, ...rest] = all(type, variant).filter(({ path }) => path.startsWith(under));
  if (!found || rest.length > 0) throw new Error(`Not one ${type} under ${under}`);
  return found;
}

const text = (value: unknown) => JSON.stringify(value);
const source = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8');
const elb = (kind: string) => `AWS::ElasticLoadBalancingV2::${kind}`;
const attributes = (found: Found, list: string) =>
  Object.fromEntries(
    (found.properties[list] as unknown as { Key: string; Value: unknown }[]).map((one) => [
      one.Key,
      one.Value,
    ]),
  );

const sizeOf = (access: string) => {
  const group = sizes.groups.find((one) => one.access === access);
  if (!group) throw new Error(`no group that may ${access}`);
  return group.size;
};

/** The tiers by their paths, with where they are in the network. */
const tiers = [
  { path: 'Tiers/Web', targets: 'Tiers/Web/Targets', subnets: 'Web', size: sizes.web },
  { path: 'Tiers/Api/Read', targets: 'Tiers/Api/ReadTargets', subnets: 'App', size: sizeOf('read') },
  { path: 'Tiers/Api/Write', targets: 'Tiers/Api/WriteTargets', subnets: 'App', size: sizeOf('write') },
];
const zonesOf = (value: unknown) => text(value).match(/Ref(Web|App)[123]Subnet/g);
const threeZones = (name: string) => [1, 2, 3].map((zone) => `Ref${name}${zone}Subnet`);

/** The script that the hosts under a path run at their first boot, with names in place of deploy-time values. */
function userData(under: string): string {
  const { LaunchTemplateData } = only('AWS::EC2::LaunchTemplate', under).properties as {
    LaunchTemplateData: { UserData: { 'Fn::Base64': { 'Fn::Join': [string, unknown[]] } } };
  };
  const [, parts] = LaunchTemplateData.UserData['Fn::Base64']['Fn::Join'];
  return parts.map((part) => (typeof part === 'string' ? part : `<${text(part)}>`)).join('');
}

test('C1, ELB-8: load balancers are in three zones, and nobody on the internet reaches one', () => {
  for (const [under, name] of [
    ['Tiers/Web/Balancer', 'Web'],
    ['Tiers/Api/Balancer', 'App'],
  ] as const) {
    const { properties } = only(elb('LoadBalancer'), under);
    expect(properties).toMatchObject({ Scheme: 'internal', Type: 'application' });
    expect(zonesOf(properties.Subnets)).toEqual(threeZones(name));
    expect(properties.SecurityGroups).toHaveLength(1);
  }
  expect(all(elb('LoadBalancer'))).toHaveLength(2);
});

test('C1: with a domain the web balancer ends TLS, of 1.2 at least, with a certificate for it', () => {
  expect(only(elb('Listener'), 'Tiers/Web/Balancer', 'everything').properties).toMatchObject({
    Port: 443,
    Protocol: 'HTTPS',
    SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    Certificates: [{ CertificateArn: { Ref: expect.stringContaining('TiersWebBalancerCertificate') } }],
  });
  expect(only('AWS::CertificateManager::Certificate', 'Tiers/', 'everything').properties).toMatchObject({
    DomainName: 'shop.example.com',
    ValidationMethod: 'DNS',
  });
});

test('C1: without a domain the hop from the CDN to the web balancer is the only one without TLS', () => {
  const inClear = all(elb('Listener')).filter(({ properties }) => properties.Protocol !== 'HTTPS');
  expect(inClear).toMatchObject([{ path: 'Tiers/Web/Balancer/Clear', properties: { Port: 80 } }]);
  expect(all(elb('TargetGroup')).map(({ properties }) => properties.Protocol)).toEqual(
    Array(3).fill('HTTPS'),
  );
});

test('balancers refuse what is no clean HTTP, pass the name that was asked for, and keep a log each', () => {
  const prefixes = all(elb('LoadBalancer')).map((balancer) => {
    const has = attributes(balancer, 'LoadBalancerAttributes');
    expect(has).toMatchObject({
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'defensive',
      'routing.http.preserve_host_header.enabled': 'true',
      'access_logs.s3.enabled': 'true',
    });
    return has['access_logs.s3.prefix'];
  });
  expect(prefixes.sort()).toEqual(['balancers/app', 'balancers/web']);
});

test('the web balancer leaves the viewer, whom the CDN names, last; the app balancer appends the web server', () => {
  const [app, web] = ['Tiers/Api/Balancer', 'Tiers/Web/Balancer'].map((path) =>
    attributes(only(elb('LoadBalancer'), path), 'LoadBalancerAttributes'),
  );
  expect(web).toMatchObject({ 'routing.http.xff_header_processing.mode': 'preserve' });
  expect(app).not.toHaveProperty(['routing.http.xff_header_processing.mode']);
});

test('new pages wait for hosts that have the API which they call', () => {
  const { resource } = only('Custom::Storefront', 'Storefront/Published');
  for (const { id } of all('AWS::AutoScaling::AutoScalingGroup').filter(({ path }) =>
    path.startsWith('Tiers/'),
  ))
    expect(resource.DependsOn).toContain(id);
});

test.each(tiers)('C2, C4: $path is a group of its own over three zones, one host a zone at least', (tier) => {
  const { properties } = only('AWS::AutoScaling::AutoScalingGroup', tier.path);
  expect(zonesOf(properties.VPCZoneIdentifier)).toEqual(threeZones(tier.subnets));
  expect(tier.size.instances % 3).toBe(0);
  expect(properties).toMatchObject({
    MinSize: String(tier.size.instances),
    DesiredCapacity: String(tier.size.instances),
    MaxSize: String(tier.size.instances + 1),
    TargetGroupARNs: [{ Ref: only(elb('TargetGroup'), tier.targets).id }],
    LaunchTemplate: { LaunchTemplateId: { Ref: only('AWS::EC2::LaunchTemplate', tier.path).id } },
  });
});

test('C4: web servers and application servers differ in what they run, reach and may do', () => {
  const parts = tiers.map(({ path }) => {
    const { LaunchTemplateData } = only('AWS::EC2::LaunchTemplate', path).properties as {
      LaunchTemplateData: { NetworkInterfaces: { Groups: Json[] }[]; IamInstanceProfile: Json };
    };
    return [LaunchTemplateData.NetworkInterfaces, LaunchTemplateData.IamInstanceProfile].map(text);
  });
  for (const part of [0, 1]) expect(new Set(parts.map((each) => each[part])).size).toBe(3);
  expect(userData('Tiers/Web')).not.toContain('shop.env');
  expect(text(only('AWS::IAM::Policy', 'Tiers/Web/Role').properties)).not.toMatch(
    /secretsmanager|kms:|Media/,
  );
});

test('C5: what only reads goes to the Read API, everything else to the Write API', () => {
  const [listener, rule] = [only(elb('Listener'), 'Tiers/Api'), only(elb('ListenerRule'), 'Tiers/Api')];
  const forwardTo = (targets: string) => [
    { Type: 'forward', TargetGroupArn: { Ref: only(elb('TargetGroup'), targets).id } },
  ];
  expect(listener.properties).toMatchObject({
    Port: 443,
    Protocol: 'HTTPS',
    SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    Certificates: [
      { CertificateArn: { 'Fn::GetAtt': [only('Custom::InsideCertificate', 'Tiers/').id, 'Arn'] } },
    ],
    DefaultActions: forwardTo('Tiers/Api/WriteTargets'),
  });
  expect(rule.properties).toMatchObject({
    ListenerArn: { Ref: listener.id },
    Conditions: [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET', 'HEAD'] } }],
    Actions: forwardTo('Tiers/Api/ReadTargets'),
  });
});

const settingsOf = (under: string) =>
  Object.fromEntries(
    [...userData(under).matchAll(/^([A-Z_]+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value]),
  );

test('C5: a read server and a write server run one release, and know by their settings what they are', () => {
  const [read, write] = [settingsOf('Tiers/Api/Read'), settingsOf('Tiers/Api/Write')];
  const shared = {
    NODE_ENV: 'production',
    AWS_REGION: 'us-east-1',
    HOST: '0.0.0.0',
    PORT: '8443',
    TLS_CERTIFICATE: '/etc/shop/tls/current/certificate.pem',
    TLS_KEY: '/etc/shop/tls/current/key.pem',
    MEDIA: expect.stringMatching(/^s3:\/\/<.*Media/),
    LOGGED_READS_PERCENT: '100',
    RELEASE: expect.stringMatching(/^[0-9a-f]{64}$/),
  };
  expect(write).toEqual({
    ...shared,
    SHOP_ROLE: 'write',
    HOST_ROLE: 'write',
    USERS_DATABASE: expect.stringMatching(/^mysql:\/\/<.*>:3306\/users\?secret=<.*UsersAccount/),
    INVENTORY_DATABASE: expect.stringMatching(/^mysql:\/\/<.*>:3306\/inventory\?secret=<.*InventoryAccount/),
  });
  expect(read).toEqual({
    ...shared,
    SHOP_ROLE: 'read',
    HOST_ROLE: 'read',
    USERS_DATABASE: expect.stringMatching(/^mysql:\/\/<.*>:3306\/users\?secret=<.*UsersReader/),
    INVENTORY_DATABASE: expect.stringMatching(/^mysql:\/\/<.*>:3306\/inventory\?secret=<.*InventoryReader/),
    WRITE_URL: expect.stringMatching(/^https:\/\/<.*TiersApiBalancer.*DNSName/),
    WRITE_CA: '/etc/shop/tls/inside.pem',
  });
  const release = (under: string) => /RELEASE_KEY=(.*)/.exec(userData(under))?.[1];
  expect(release('Tiers/Api/Read')).toMatch(/^[0-9a-f]{64}\.zip$/);
  expect(release('Tiers/Api/Read')).toBe(release('Tiers/Api/Write'));
});

test('C5: a read server has no password that could write, and cannot touch a photo in the store', () => {
  const [read, write] = ['Read', 'Write'].map((name) =>
    text(only('AWS::IAM::Policy', `Tiers/Api/${name}/Role`).properties),
  );
  expect(read).toContain('UsersReader');
  expect(read).toContain('InventoryReader');
  expect(read).not.toMatch(/Account[0-9A-F]{8}|Media|s3:Put|s3:Delete/);
  expect(write).toMatch(/s3:DeleteObject.*Media/);
  expect(write).not.toContain('Reader');
});

test('every host pins the certificate of the app balancer, and no template has its key', () => {
  const { id } = only('Custom::InsideCertificate', 'Tiers/');
  for (const { path } of tiers)
    expect(userData(path)).toContain(
      `cat >/etc/shop/tls/inside.pem <<'END_OF_FILE'\n<{"Fn::GetAtt":["${id}","Certificate"]}>\nEND_OF_FILE`,
    );
  expect(userData('Tiers/Web')).toMatch(/\nAPP_BALANCER=<.*TiersApiBalancer.*DNSName.*>\n/);
});

test('the settings of hosts have all that their scripts read', () => {
  const told = (under: string) => {
    const [, environment = ''] = /host\.env <<'END_OF_FILE'\n(.*?)\nEND_OF_FILE/s.exec(userData(under)) ?? [];
    return environment.split('\n').map((line) => line.split('=')[0]);
  };
  expect(told('Tiers/Web')).toEqual([
    ...['ROLE', 'AWS_REGION', 'LOG_GROUP', 'APP_BALANCER', 'LOGGED_READS_PERCENT', 'METRICS_NAMESPACE'],
    ...['READ_ROOM', 'WRITE_ROOM', 'CRITICAL_ROOM'],
  ]);
  for (const role of ['Read', 'Write'])
    expect(told(`Tiers/Api/${role}`)).toEqual([
      'ROLE',
      'AWS_REGION',
      'LOG_GROUP',
      'RELEASE_BUCKET',
      'RELEASE_KEY',
    ]);
  expect(source('lib/compute/web/host/app-servers.sh')).toContain('$APP_BALANCER');
  expect(source('lib/compute/api/host/boot.sh')).toContain('s3://$RELEASE_BUCKET/$RELEASE_KEY');
});

test('the user data of every host is below the 16 KiB that EC2 takes, with room for what is filled in', () => {
  for (const { path } of tiers) expect(userData(path).length).toBeLessThan(8_192);
});

test('hosts may do nothing in EC2, nor to their own group', () => {
  for (const { path } of tiers)
    expect(text(only('AWS::IAM::Policy', `${path}/Role`).properties)).not.toMatch(
      /"(ec2|autoscaling|elasticloadbalancing|cloudformation|iam|ssm|sts):/,
    );
});

test('ELB-1, ELB-2: requests are finished before a host goes, and a new web server gets its share slowly', () => {
  const targets = ({ targets: under }: { targets: string }) =>
    attributes(only(elb('TargetGroup'), under), 'TargetGroupAttributes');
  for (const tier of tiers) expect(targets(tier)['deregistration_delay.timeout_seconds']).toBe('30');
  const [web, ...apps] = tiers.map(targets);
  expect(web).toMatchObject({ 'slow_start.duration_seconds': '60' });
  for (const app of apps) {
    expect(app).toMatchObject({ 'load_balancing.algorithm.type': 'least_outstanding_requests' });
    // AWS refuses both together.
    expect(app).not.toHaveProperty(['slow_start.duration_seconds']);
  }
});

test('ELB-3: every connection is kept longer by who is behind than by who is in front', () => {
  for (const balancer of all(elb('LoadBalancer')))
    expect(attributes(balancer, 'LoadBalancerAttributes')['idle_timeout.timeout_seconds']).toBe('60');
  const nginx = source('lib/compute/web/host/nginx/nginx.conf');
  expect(nginx).toMatch(/^ {2}keepalive_timeout 75s;/m);
  expect(nginx).toMatch(/upstream \w+ \{[^}]*keepalive_timeout 50s;/);
});

test.each(tiers)(
  'ELB-4, ELB-5, ELB-6: $path is checked by its balancer, not deeply, and not before it has booted',
  (tier) => {
    expect(only('AWS::AutoScaling::AutoScalingGroup', tier.path).properties).toMatchObject({
      HealthCheckType: 'ELB',
      HealthCheckGracePeriod: 600,
      InstanceMaintenancePolicy: { MinHealthyPercentage: 100, MaxHealthyPercentage: 134 },
      DefaultInstanceWarmup: 240,
    });
    expect(only(elb('TargetGroup'), tier.targets).properties).toMatchObject({
      HealthCheckProtocol: 'HTTPS',
      HealthCheckPath: '/healthz',
      HealthCheckIntervalSeconds: 10,
      HealthCheckTimeoutSeconds: 8,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 6,
    });
  },
);

test.each(tiers)(
  'a release rolls through $path one host beyond its size, and each must be found good',
  (tier) => {
    const { resource } = only('AWS::AutoScaling::AutoScalingGroup', tier.path);
    expect(resource).toMatchObject({
      CreationPolicy: { ResourceSignal: { Count: tier.size.instances, Timeout: 'PT15M' } },
      UpdatePolicy: {
        AutoScalingRollingUpdate: {
          MinInstancesInService: tier.size.instances,
          MaxBatchSize: 1,
          WaitOnResourceSignals: true,
          PauseTime: 'PT15M',
        },
      },
    });
  },
);

interface AlarmMetric {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: {
    readonly Metric: {
      readonly MetricName: string;
      readonly Dimensions: readonly { readonly Value: Json }[];
    };
  };
}

test.each(tiers)('a roll-out of $path is stopped by its alarm, which is about its own answers', (tier) => {
  const alarm = only('AWS::CloudWatch::Alarm', tier.path);
  const targets = only(elb('TargetGroup'), tier.targets).id;
  expect(alarm.properties).toMatchObject({
    EvaluationPeriods: 5,
    DatapointsToAlarm: 1,
    TreatMissingData: 'notBreaching',
    ComparisonOperator: 'GreaterThanThreshold',
  });
  const balancer = only(elb('LoadBalancer'), tier.path.split('/').slice(0, 2).join('/')).id;
  const [sum, ...counted] = alarm.properties.Metrics as unknown as AlarmMetric[];
  expect(sum?.Expression).toBe('FILL(answered, 0) + FILL(unanswered, 0)');
  const names = Object.fromEntries(
    counted.map(({ Id, MetricStat }) => [
      Id,
      [MetricStat?.Metric.MetricName, MetricStat?.Metric.Dimensions.map(({ Value }) => text(Value))],
    ]),
  );
  // The balancer answers a request that no host answers.
  expect(names).toEqual({
    answered: [
      'HTTPCode_Target_5XX_Count',
      [expect.stringContaining(balancer), expect.stringContaining(targets)],
    ],
    unanswered: ['HTTPCode_ELB_5XX_Count', [expect.stringContaining(balancer)]],
  });
  expect(only('AWS::AutoScaling::AutoScalingGroup', tier.path).properties.Tags).toContainEqual({
    Key: 'shop:rollout-alarm',
    Value: { Ref: alarm.id },
    PropagateAtLaunch: false,
  });
});

test('the roll-out function hears of every host of a tier, the first ones too, and not of the box', () => {
  const rule = only('AWS::Events::Rule', 'Tiers/Rollout');
  const permission = only('AWS::Lambda::Permission', 'Tiers/Rollout');
  const { detail } = rule.properties.EventPattern as unknown as {
    detail: { AutoScalingGroupName: [{ prefix: string }] };
  };
  const [{ prefix }] = detail.AutoScalingGroupName;
  const groups = all('AWS::AutoScaling::AutoScalingGroup');
  // CloudFormation names a group by stack and logical id.
  const heard = groups.filter(({ id }) => `Shop-Services-${id}`.startsWith(prefix));
  expect(heard.map(({ path }) => path).sort()).toEqual(tiers.map(({ path }) => `${path}/Fleet/Group`).sort());
  expect(groups).toHaveLength(heard.length + 1);
  for (const { resource } of heard)
    expect(resource.DependsOn).toEqual(expect.arrayContaining([rule.id, permission.id]));
});

test('a first host is not launched before a listener leads to it and its permissions are there', () => {
  const leading = [...all(elb('Listener')), ...all(elb('ListenerRule'))];
  for (const { path, targets } of tiers) {
    const { id } = only(elb('TargetGroup'), targets);
    const toIt = leading.filter(({ properties }) => text(properties).includes(id)).map((one) => one.id);
    expect(toIt.length).toBeGreaterThan(0);
    const { DependsOn } = only('AWS::AutoScaling::AutoScalingGroup', path).resource;
    expect(DependsOn).toEqual(expect.arrayContaining([...toIt, only('AWS::IAM::Policy', `${path}/Role`).id]));
  }
});

test('the function has said yes or no before its time is up, and before CloudFormation stops waiting', () => {
  const { Timeout } = only('AWS::Lambda::Function', 'Tiers/Rollout').properties as { Timeout: number };
  const longest = (usualPace.patience + usualPace.watch + usualPace.pause) / 1000;
  expect(longest).toBeLessThan(Timeout);
  expect(Timeout).toBeLessThan(15 * 60);
});

test('the roll-out function only looks, and signals to its own stack alone', () => {
  const { PolicyDocument } = only('AWS::IAM::Policy', 'Tiers/Rollout').properties as unknown as {
    PolicyDocument: { Statement: { Action: string[]; Resource: unknown }[] };
  };
  const [, ...statements] = PolicyDocument.Statement;
  expect(statements.map(({ Action, Resource }) => [Action, Resource])).toEqual([
    [
      [
        'autoscaling:DescribeAutoScalingGroups',
        'cloudwatch:DescribeAlarms',
        'elasticloadbalancing:DescribeTargetHealth',
      ],
      '*',
    ],
    [['cloudformation:DescribeStacks', 'cloudformation:SignalResource'], { Ref: 'AWS::StackId' }],
  ]);
});

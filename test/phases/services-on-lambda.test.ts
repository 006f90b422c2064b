import { functionLimits } from '../../lib/compute/api/function-limits';
import { type AppGroupPlan, phaseNumbered } from '../../lib/phases';
import { constructPath, type Json, type Resource } from '../../review/cloudformation';
import { stepFindings } from '../../review/evolution';
import { type Synthesis, synthesisOf } from '../../review/synthesis';
import { synthesizePhase } from '../../review/synthesize';
import { namedMetrics, unpublished } from './published-metrics';
import { servicesOn } from './services-on';
import { synthesized } from './synthesized';

const variant = (
  service: 'users' | 'inventory',
  compute: AppGroupPlan['compute'] = 'lambda',
  context = {},
): Synthesis => synthesisOf(synthesizePhase(servicesOn(service, compute), { context }));

const planOf = (service: string, access: string) => {
  const { tiers } = phaseNumbered(6) ?? {};
  const plan =
    tiers !== undefined &&
    tiers !== 'none' &&
    tiers.groups.find((one) => one.service === service && one.access === access);
  if (!plan) throw new Error(`No group of ${service} that may ${access}`);
  return plan;
};

const text = (value: unknown) => JSON.stringify(value);
const elb = (kind: string) => `AWS::ElasticLoadBalancingV2::${kind}`;

describe.each([
  ['users', ['UsersRead', 'UsersWrite'], ['Read', 'Write']],
  ['inventory', ['Read', 'Write'], ['UsersRead', 'UsersWrite']],
] as const)('%s on Lambda', (service, names, onHosts) => {
  const shop = variant(service);
  const other = service === 'users' ? 'Inventory' : 'Users';

  const all = (type: string, under = '', stack = 'Shop-Services') =>
    Object.entries(shop.templates[stack]?.Resources ?? {})
      .map(([id, resource]: [string, Resource]) => ({
        id,
        path: constructPath(resource).replace(`${stack}/`, ''),
        resource,
        properties: resource.Properties ?? {},
      }))
      .filter(({ path, resource }) => resource.Type === type && `${path}/`.startsWith(under));
  function only(type: string, under: string, stack?: string) {
    const [found, ...rest] = all(type, under, stack);
    if (!found || rest.length > 0) throw new Error(`Not one ${type} under ${under}`);
    return found;
  }
  const functionOf = (name: string) => only('AWS::Lambda::Function', `Tiers/Api/${name}Function/`);

  test('T5: has no hosts, and the other service has its own as before', () => {
    const paths = all('AWS::AutoScaling::AutoScalingGroup', 'Tiers/Api/').map(({ path }) => path);
    expect(paths.sort()).toEqual(onHosts.map((name) => `Tiers/Api/${name}/Fleet/Group`).sort());
  });

  test('T5: takes the place of hosts, and they its, once its alarms are gone', () => {
    for (const [from, to, quiet] of [
      [synthesized(6), shop, variant(service, 'ec2', { unwatched: service })],
      [shop, synthesized(6), variant(service, 'lambda', { unwatched: service })],
    ] as const) {
      const Operations = quiet.templates['Shop-Operations'];
      const prepared = { ...from, templates: { ...from.templates, 'Shop-Operations': Operations ?? {} } };
      expect(stepFindings(from, prepared)).toEqual([]);
      expect(stepFindings(prepared, to)).toEqual([]);
      // Nothing else is deployed with them.
      expect(quiet.templates['Shop-Network']).toEqual(from.templates['Shop-Network']);
    }
  });

  test.each(names)(
    'T5: %s is a target of the same rules, at each balancer, with all cookies of a response',
    (name) => {
      const { id } = functionOf(name);
      const targets = all(elb('TargetGroup'), 'Tiers/Api/').filter(({ properties }) =>
        text(properties.Targets ?? '').includes(id),
      );
      expect(targets.length).toBe(name === 'UsersWrite' ? 1 : 2);
      const leading = text(
        [...all(elb('ListenerRule')), ...all(elb('Listener'))].map(({ properties }) => properties),
      );
      for (const { id: target, properties } of targets) {
        expect(properties).toMatchObject({ TargetType: 'lambda' });
        expect(properties).not.toHaveProperty('Port');
        expect(properties.TargetGroupAttributes).toContainEqual({
          Key: 'lambda.multi_value_headers.enabled',
          Value: 'true',
        });
        expect(leading).toContain(target);
      }
      expect(
        all('AWS::Lambda::Permission', `Tiers/Api/${name}Function/`).map(
          ({ properties }) => properties.Principal,
        ),
      ).toContain('elasticloadbalancing.amazonaws.com');
    },
  );

  test.each(names)('T5: %s runs in the VPC, as many at a time as the database bears', (name) => {
    const { properties } = functionOf(name);
    const { memoryMegabytes, concurrency, timeoutSeconds } = functionLimits(
      planOf(service, name.endsWith('Read') ? 'read' : 'write'),
    );
    expect(properties).toMatchObject({
      MemorySize: memoryMegabytes,
      ReservedConcurrentExecutions: concurrency,
      Timeout: timeoutSeconds,
      Architectures: ['arm64'],
    });
    expect(text(properties.VpcConfig).match(/RefApp[123]Subnet/g)).toHaveLength(3);
    expect(text(properties.VpcConfig)).toContain(`Firewall${name.charAt(0).toLowerCase()}${name.slice(1)}`);
  });

  test.each(names)(
    'T5, DATA-3: %s reaches what its hosts would, and nothing of the other service',
    (name) => {
      const { id: role } = only('AWS::IAM::Role', `Tiers/Api/${name}Function/FunctionRole/`);
      const policy = text(
        all('AWS::IAM::Policy').find(({ properties }) => text(properties.Roles).includes(role))?.properties,
      );
      expect(policy).not.toMatch(new RegExp(`Managed${other}`));
      expect(policy).toMatch(name.endsWith('Read') ? /Reader[0-9A-F]{8}/ : /Account[0-9A-F]{8}/);
      const { Variables } = functionOf(name).properties.Environment as unknown as {
        Variables: Record<string, Json>;
      };
      expect(Variables).toMatchObject({
        SHOP_SERVICES: service,
        SHOP_ROLE: name.endsWith('Read') ? 'read' : 'write',
      });
      expect(text(Variables)).not.toMatch(new RegExp(`Managed${other}`));
      // Lambda sets the region itself, and refuses a function that does.
      for (const setting of ['AWS_REGION', 'PORT', 'TLS_KEY']) expect(Variables).not.toHaveProperty(setting);
      expect(Variables[name === 'UsersRead' ? 'WRITE_CA' : 'RPC_CA']).toEqual({
        'Fn::GetAtt': [expect.stringContaining('InsideCertificate'), 'Certificate'],
      });
    },
  );

  test.each(names)(
    'E5: %s logs a share of its reads, into the log of hosts, and Lambda nothing of its own',
    (name) => {
      const { properties } = functionOf(name);
      const { Variables } = properties.Environment as unknown as { Variables: Record<string, Json> };
      expect(Variables.LOGGED_READS_PERCENT).toBe('1');
      expect(properties.LoggingConfig).toEqual({
        LogFormat: 'JSON',
        SystemLogLevel: 'WARN',
        LogGroup: { 'Fn::ImportValue': expect.stringContaining('FleetLog') },
      });
    },
  );

  test('T5: a schedule does what servers do beside requests, in the role that writes', () => {
    const { ScheduleExpression, Target } = only('AWS::Scheduler::Schedule', 'Tiers/')
      .properties as unknown as {
      ScheduleExpression: string;
      Target: { Arn: Json; RetryPolicy: Json };
    };
    const [, writer] = names;
    expect(ScheduleExpression).toBe('rate(1 minute)');
    expect(Target.Arn).toEqual({ 'Fn::GetAtt': [functionOf(writer).id, 'Arn'] });
    expect(Target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 });
  });

  test('ELB-9: nothing connects to a function, and it connects where its hosts would', () => {
    const rows = (kind: 'Ingress' | 'Egress') =>
      all(`AWS::EC2::SecurityGroup${kind}`, 'Firewall/', 'Shop-Network').map(({ path }) =>
        path.replace('Firewall/', ''),
      );
    for (const name of names.map((one) => `${one.charAt(0).toLowerCase()}${one.slice(1)}`)) {
      expect([...rows('Ingress'), ...rows('Egress')].filter((row) => row.includes(`-${name}-`))).toEqual([]);
      expect(rows('Egress')).toEqual(
        expect.arrayContaining([`${name}-database-3306-out`, `${name}-secrets-443-out`]),
      );
    }
  });

  test('OPS-1: errors, refusals, slowness and the end of its room are noticed', () => {
    const ids = all('AWS::CloudWatch::Alarm', '', 'Shop-Operations').map(({ id }) =>
      id.replace(/[0-9A-F]{8}$/, ''),
    );
    for (const name of names)
      for (const kind of ['Errors', 'Throttles', 'Concurrency', 'Slow'])
        expect(ids).toContain(`${name}Function${kind}`);
  });

  test('E5: its alarms, objective and dashboard name metrics that Lambda and the balancers publish', () => {
    const named = namedMetrics(shop.templates).filter(({ by }) =>
      /^(Dashboards|ServiceObjectives)(Users|Inventory)/.test(by),
    );
    expect(new Set(named.map(({ namespace }) => namespace))).toContain('AWS/Lambda');
    const own = named.filter(({ namespace }) => namespace.startsWith('AWS/'));
    expect(own.flatMap((metric) => unpublished(metric, shop.templates, []) ?? [])).toEqual([]);
  });
});

test('T5: both services on Lambda leave room in the concurrency of an account', () => {
  const { tiers } = phaseNumbered(6) ?? {};
  if (!tiers || tiers === 'none') throw new Error('Phase 6 has tiers');
  const reserved = tiers.groups.reduce((sum, plan) => sum + functionLimits(plan).concurrency, 0);
  // Of 1,000 by default, Lambda keeps 100 for functions without a reservation.
  expect(reserved).toBeLessThanOrEqual(900);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostMetrics } from '../../lambda/hosts/host-metrics';
import { capitalized, phaseNumbered, phases } from '../../lib/phases';
import { constructPath, type Json } from '../../review/cloudformation';
import { billRows, costLines, totalsOf } from '../../review/cost/bill';
import { NOBODY } from '../../review/cost/usage';
import { resolveReferences } from '../../review/resolve-references';
import { dashboardMetrics, namedMetrics, ownMetrics, unpublished, webMetrics } from './published-metrics';
import { everyPhase, resources, synthesized } from './synthesized';

/** Row E5: monitoring as a deployer gets it. */
const root = join(__dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const observed = phases.filter(({ monitoring }) => monitoring === 'objectives').map(({ number }) => number);
const inPhase = (number: number, type: string) =>
  resources(type).filter(({ phase }) => phase === `${number} default`);

/** The names in a line that a process of the app writes. */
async function written(): Promise<string[]> {
  const load = () => ({
    eventLoopPercent: 1,
    requestsUnderWay: 1,
    refusedPercent: 0,
    refusedCriticalPercent: 0,
  });
  const line = await hostMetrics({ role: 'box', dataFolder: '/', load });
  return line._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
}

describe.each(everyPhase)('phase $number ($options)', ({ number, options }) => {
  const { templates } = synthesized(number, options);
  const metrics = namedMetrics(templates);

  test('E5: each metric and dimension that an alarm or a dashboard names is published', async () => {
    const counted = Object.values(templates)
      .flatMap(({ Resources = {} }) => Object.values(Resources))
      .filter(({ Type }) => Type === 'AWS::Logs::MetricFilter')
      .flatMap(({ Properties }) => /"MetricName":"(\w+)"/.exec(JSON.stringify(Properties))?.[1] ?? []);
    const own = [
      ownMetrics(templates, await written()),
      webMetrics(templates),
      { dimensions: {}, metrics: counted },
    ];
    expect(metrics.length).toBeGreaterThan(10);
    const missing = metrics.flatMap((metric) => {
      const reason = unpublished(metric, templates, own);
      return reason ? [`${metric.by}: ${reason}`] : [];
    });
    expect(missing).toEqual([]);
  });

  test('E5: own metrics are in the namespace that the hosts write', () => {
    const namespaces = metrics
      .map(({ namespace }) => namespace)
      .filter((name) => !/^AWS\/|^CloudWatchSynthetics$/.test(name));
    expect(new Set(namespaces)).toEqual(new Set(['Shop']));
  });

  test('E5: groups collect the metrics that are named', () => {
    const named = metrics.filter(({ namespace }) => namespace === 'AWS/AutoScaling');
    expect(named.length).toBeGreaterThan(0);
    for (const { stack, metricName, dimensions } of named) {
      const [group] = resolveReferences(dimensions.AutoScalingGroupName, stack, templates);
      expect(JSON.stringify(group?.resource.Properties?.MetricsCollection)).toContain(metricName);
    }
  });
});

describe('a metric that nobody publishes is found', () => {
  const { templates } = synthesized(5);
  const [sound] = namedMetrics(templates).filter(({ namespace }) => namespace === 'AWS/ElastiCache');
  if (!sound) throw new Error('Phase 5 watches a cache');

  test.each([
    ['its name', { metricName: 'CacheHit' }, 'AWS/ElastiCache has no CacheHit by clusterId'],
    ['a dimension', { dimensions: { CacheClusterId: 'x' } }, `has no ${sound.metricName} by CacheClusterId`],
    ['a value', { dimensions: { clusterId: 'other' } }, 'clusterId is no AWS::ElastiCache::ServerlessCache'],
    ['a role', { namespace: 'Shop', metricName: 'M', dimensions: { Role: 'none' } }, 'M: no Role "none"'],
  ])('by %s', (_, change, reason) => {
    expect(unpublished(sound, templates, [])).toBeUndefined();
    const own = [ownMetrics(templates, ['M'])];
    expect(unpublished({ ...sound, ...change }, templates, own)).toContain(reason);
  });
});

interface Policied {
  readonly properties: {
    readonly PolicyDocument: {
      readonly Statement: readonly { Principal: { Service?: string }; Action: string; Condition: Json }[];
    };
  };
}

/** The services of a phase that have processes of their own. */
function servicesOf(number: number): string[] {
  const { tiers = 'none' } = phaseNumbered(number) ?? {};
  const all = tiers === 'none' ? [] : tiers.groups.map(({ service }) => service);
  return [...new Set(all)].filter((service) => service !== 'all');
}

describe.each(observed)('phase %i', (number) => {
  test('E5: has three dashboards of at most 50 metrics, which are free, and one for each service', () => {
    const dashboards = inPhase(number, 'AWS::CloudWatch::Dashboard');
    expect(dashboards.map(({ id }) => id.replace(/^Dashboards|[0-9A-F]{8}$/g, ''))).toEqual([
      ...['Shoppers', 'Hosts', 'Stores'],
      ...servicesOf(number).map(capitalized),
    ]);
    for (const { id, properties } of dashboards) {
      const metrics = dashboardMetrics(properties.DashboardBody as Json);
      expect([id, metrics.length]).toEqual([id, expect.any(Number)]);
      expect(metrics.length).toBeLessThanOrEqual(50);
      expect(metrics.length).toBeGreaterThan(10);
    }
  });

  test('E5: the runbook says how to read each graph', () => {
    const words = read('docs/runbook.md').replace(/\s+/g, ' ');
    for (const { properties } of inPhase(number, 'AWS::CloudWatch::Dashboard')) {
      const titles = [...JSON.stringify(properties.DashboardBody).matchAll(/title\\":\\"([^:,"\\]+)/g)];
      expect(titles.length).toBeGreaterThan(3);
      for (const [, title = ''] of titles) expect(words).toContain(title);
    }
  });

  test('E5: changes of the account, and writes to photos and deployments alone, are recorded', () => {
    const [trail, ...others] = inPhase(number, 'AWS::CloudTrail::Trail');
    expect(others).toEqual([]);
    expect(trail?.properties).toMatchObject({
      IsLogging: true,
      IsMultiRegionTrail: true,
      EnableLogFileValidation: true,
    });
    const selectors = trail?.properties.AdvancedEventSelectors as unknown as {
      FieldSelectors: { Field: string; Equals?: string[]; StartsWith?: Json[] }[];
    }[];
    const [management, data] = selectors.map(({ FieldSelectors }) =>
      Object.fromEntries(
        FieldSelectors.map(({ Field, Equals, StartsWith }) => [Field, Equals ?? StartsWith]),
      ),
    );
    expect(management).toEqual({ eventCategory: ['Management'], readOnly: ['false'] });
    expect(data).toMatchObject({ eventCategory: ['Data'], readOnly: ['false'] });
    const buckets = JSON.stringify(data?.['resources.ARN']);
    expect(buckets.match(/Fn::ImportValue/g)).toHaveLength(2);
    expect(buckets).toMatch(/ContentMedia.*Deployments/);
  });

  test('E5: the files of the trail are written by trails of this account alone', () => {
    const [policy] = inPhase(number, 'AWS::S3::BucketPolicy').filter(({ id }) => id.startsWith('Trail'));
    const { Statement } = (policy as unknown as Policied | undefined)?.properties.PolicyDocument ?? {
      Statement: [],
    };
    const allowed = Statement.filter(({ Principal }) => Principal.Service === 'cloudtrail.amazonaws.com');
    expect(allowed.map(({ Action }) => Action)).toEqual(['s3:GetBucketAcl', 's3:PutObject']);
    for (const { Condition } of allowed)
      expect(JSON.stringify(Condition)).toMatch(/"aws:SourceArn":.*:cloudtrail:.*AWS::AccountId.*:trail\/\*/);
  });
});

const services = observed.flatMap((number) => servicesOf(number).map((name) => ({ number, name })));

describe.each(services)('the $name service of phase $number', ({ number, name }) => {
  const own = { users: /^users(Read|Write)\b|^Users$/, inventory: /^(read|write)\b|^Inventory$/ };
  const others = { users: /TiersApi(Read|Write)Targets/, inventory: /TiersApiUsers/ };
  const one = name as keyof typeof own;
  const under = (type: string, start: string) =>
    inPhase(number, type).filter(({ id }) => id.startsWith(start));

  test('F1: has a dashboard that shows its groups, at both balancers, and none of the other service', () => {
    const [dashboard] = under('AWS::CloudWatch::Dashboard', `Dashboards${capitalized(name)}`);
    const body = JSON.stringify(dashboard?.properties.DashboardBody);
    const labels = [...body.matchAll(/label\\":\\"([^"\\]+)/g)].map(([, label = '']) => label);
    expect(labels.length).toBeGreaterThan(15);
    const strange = labels.filter((label) => !own[one].test(label) && label !== 'Bad answers, in percent');
    expect(strange).toEqual([]);
    expect(new Set(body.match(/TiersApi(Balancer|Rpc)[0-9A-F]{8}/g))?.size).toBe(2);
  });

  test('F1: has an objective of its own, with alarms that count its groups alone', () => {
    const start = `ServiceObjectives${capitalized(name)}`;
    const tell = under('AWS::CloudWatch::CompositeAlarm', start);
    expect(tell.map(({ id }) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual([`${start}Fast`, `${start}Slow`]);
    const windows = under('AWS::CloudWatch::Alarm', start);
    expect(windows).toHaveLength(4);
    for (const { properties } of windows) expect(JSON.stringify(properties.Metrics)).not.toMatch(others[one]);
  });
});

/** The fields that a line of a log has. */
const fields = {
  nginx: [...read('lib/compute/web/host/nginx/nginx.conf').matchAll(/"(\w+)":"?\$/g)].map(
    ([, name = '']) => name,
  ),
  app: ['requestId', 'method', 'path', 'status', 'ms', 'level', 'msg', 'err', 'refused'],
  insights: ['@timestamp', '@logStream', '@message'],
};

test('E5: each field that a saved query or a filter names is in the lines of nginx or of the app', () => {
  const source =
    read('lambda/shared/http/request-log.ts') + read('lambda/shared/http/admission/admission.ts');
  for (const name of ['requestId', 'method', 'path', 'status', 'ms', 'refused'])
    expect(source).toMatch(new RegExp(`\\b${name}\\b(: |,| })`));
  const known = new Set(Object.values(fields).flat());
  for (const { id, properties } of resources('AWS::Logs::QueryDefinition')) {
    const query = String(properties.QueryString);
    const aliases = [...query.matchAll(/ as (\w+)/g)].map(([, name = '']) => name);
    const words = query
      .replaceAll(/"[^"]*"/g, '')
      .replaceAll(/\b(bin)\([^)]*\)/g, '')
      .match(/@?[a-zA-Z]\w*/g);
    const commands =
      /^(fields|filter|stats|sort|limit|desc|asc|by|as|and|or|in|not|like|count|sum|max|min|ispresent|type|message|read|write|critical)$/;
    const unknown = (words ?? []).filter(
      (word) => !commands.test(word) && !known.has(word) && !aliases.includes(word),
    );
    expect([id, unknown]).toEqual([id, []]);
  }
  for (const { id, properties } of resources('AWS::Logs::MetricFilter')) {
    const named = [...String(properties.FilterPattern).matchAll(/\$\.(\w+)/g)].map(([, name = '']) => name);
    expect([id, named.filter((name) => !fields.nginx.includes(name))]).toEqual([id, []]);
  }
});

test('E5: saved queries are in a folder of the shop, over the log of its hosts', () => {
  const queries = resources('AWS::Logs::QueryDefinition');
  expect(new Set(queries.map(({ phase }) => Number.parseInt(phase, 10)))).toEqual(new Set(observed));
  for (const { properties } of queries) {
    expect(properties.Name).toMatch(/^Shop\//);
    expect(JSON.stringify(properties.LogGroupNames)).toContain('FleetLog');
  }
});

interface Budgeted {
  readonly properties: { readonly Budget: { readonly BudgetLimit: { readonly Amount: number } } };
}

test('OPS-2: in every phase a budget that follows its cost has alerts that may be published', () => {
  for (const { number, monthlyCost } of phases) {
    const { fixed } = totalsOf(billRows(costLines(synthesized(number).templates, NOBODY)));
    expect([number, monthlyCost]).toEqual([number, Math.round(fixed)]);
    const [budget] = inPhase(number, 'AWS::Budgets::Budget');
    const { Amount } = (budget as unknown as Budgeted).properties.Budget.BudgetLimit;
    expect(Amount).toBeGreaterThan(monthlyCost);
    expect(Amount).toBeLessThan(2 * monthlyCost);
    const notifications = budget?.properties.NotificationsWithSubscribers as unknown as {
      Subscribers: { SubscriptionType: string; Address: Json }[];
    }[];
    expect(notifications.length).toBeGreaterThan(1);
    for (const { Subscribers } of notifications)
      expect(Subscribers).toEqual([
        { SubscriptionType: 'SNS', Address: { Ref: expect.stringMatching(/^AlarmsTopic/) } },
      ]);
  }
  for (const type of ['AWS::KMS::Key', 'AWS::SNS::TopicPolicy']) {
    const letting = resources(type).filter(
      ({ stack, properties }) =>
        stack === 'Shop-Operations' && JSON.stringify(properties).includes('budgets.amazonaws.com'),
    );
    expect(letting).toHaveLength(everyPhase.length);
  }
});

test('OPS-1: an alarm over two windows tells people, and its windows do not', () => {
  const composites = resources('AWS::CloudWatch::CompositeAlarm');
  expect(new Set(composites.map(({ phase }) => Number.parseInt(phase, 10)))).toEqual(new Set(observed));
  const alarms = resources('AWS::CloudWatch::Alarm');
  for (const { phase, properties } of composites) {
    expect(properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^AlarmsTopic/) }]);
    const windows = JSON.stringify(properties.AlarmRule).match(/\w*Objectives\w+/g) ?? [];
    expect(windows).toHaveLength(2);
    for (const window of windows) {
      const [found] = alarms.filter(({ id, phase: its }) => id === window && its === phase);
      expect(found?.properties.AlarmActions).toBeUndefined();
      expect(constructPath(found?.resource)).toMatch(/\/(Service)?Objectives\/\w+(Long|Short)$/);
    }
  }
});

/** Connections that Aurora MySQL takes with this maximum of capacity units, after a restart; from memory of its guide. */
const CONNECTIONS_BY_UNITS: Readonly<Record<number, number>> = {
  8: 1000,
  16: 2000,
  32: 3000,
  64: 4000,
  128: 5000,
};

test('OPS-1: the alarm on connections goes off before the database refuses one', () => {
  const managed = phases.filter(({ database }) => database.placement === 'aurora');
  for (const { number, database } of managed) {
    const [alarm] = inPhase(number, 'AWS::CloudWatch::Alarm').filter(({ id }) =>
      id.startsWith('DatabaseConnections'),
    );
    const units = database.placement === 'aurora' ? database.capacity.max : 0;
    expect(CONNECTIONS_BY_UNITS).toHaveProperty(String(units));
    expect(Number(alarm?.properties.Threshold)).toBeLessThan(CONNECTIONS_BY_UNITS[units] ?? 0);
  }
  expect(managed.length).toBeGreaterThan(0);
});

test('OPS-1: what is measured by objectives has no threshold beside it', () => {
  const ids = (number: number) =>
    inPhase(number, 'AWS::CloudWatch::Alarm').map(({ id }) => id.replace(/[0-9A-F]{8}$/, ''));
  const thresholds = /^((Web|Read|Write)(Errors|Slow)|(Web|App)BalancerErrors)$/;
  expect(ids(4).filter((id) => thresholds.test(id))).toHaveLength(8);
  for (const number of observed) expect(ids(number).filter((id) => thresholds.test(id))).toEqual([]);
});

import type { DOCTOR_ACTIONS, PREFLIGHT_ACTIONS } from '../../lib/pipeline/looking-actions';
import { AwsServer, type Call, lambdaEnvironment } from '../lib/aws';

type Xml = string | number | boolean | Date | readonly Xml[] | { readonly [name: string]: Xml };

/** An AWS account as the services describe it: everything that a healthy shop of phase 5 needs. Tests take things away. */
export interface Account {
  /** By name. */
  stacks: Record<string, { status: string; outputs?: Record<string, string> }>;
  /** Of the guard in the template of Shop-Network. */
  guard: { Phase: string; Zones?: string };
  zones: Record<string, string>;
  /** Zones by instance type; `db.serverless` too. */
  offers: Record<string, string[]>;
  quotas: Record<string, number>;
  roles: string[];
  ownKey?: { arn: string; policy: string; grantees: string[]; unused?: boolean };
  balancers: number;
  distributions: number;
  addresses: number;
  networks: number;
  placement?: object;
  /** `starting`: of the healthy ones, those that are not in service yet. */
  groups: { id: string; wanted: number; healthy: number; starting?: number; suspended?: string[] }[];
  images: { id: string; deprecated?: string }[];
  runningImages: string[];
  stoppedImages: string[];
  databases: { stack: string; status: string; members: boolean[]; days: number; until: Date }[];
  snapshots: Date[];
  unfinishedSnapshots: Date[];
  /** `of`: the source, by default the shop's cluster. */
  restores: { at: Date; errorCode?: string; of?: string }[];
  alarms: { name: string; state: string; actions: string[]; off?: boolean }[];
  /** Alarms over the names of others. */
  composites?: { name: string; over: string[] }[];
  subscriptions: { arn: string; endpoint: string }[];
  history: { alarm: string; at: Date; summary: string }[];
}

export const NOW = new Date('2026-11-26T12:00:00Z');
export const ago = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);
export const TOPIC = 'arn:aws:sns:us-east-1:111122223333:Shop-Operations-Topic';
const ZONES = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

export function healthyAccount(phase: number): Account {
  const shop = ['Network', 'Data', 'Services', 'Global', 'Edge', 'Operations'].map((part) => [
    `Shop-${part}`,
    {
      status: 'UPDATE_COMPLETE',
      outputs: part === 'Data' ? { DeploymentsBucketName: 'deployments' } : ({} as Record<string, string>),
    },
  ]);
  return {
    stacks: Object.fromEntries([
      ['CDKToolkit', { status: 'UPDATE_COMPLETE', outputs: { BootstrapVersion: '30' } }],
      ...shop,
    ]),
    guard: { Phase: String(phase), Zones: ZONES.join(',') },
    zones: {
      'us-east-1a': 'use1-az1',
      'us-east-1b': 'use1-az2',
      'us-east-1c': 'use1-az4',
      'us-east-1e': 'use1-az3',
    },
    offers: Object.fromEntries(
      ['t4g.small', 'c7g.medium', 'c7g.large', 'db.serverless'].map((type) => [
        type,
        [...ZONES, 'us-east-1d'],
      ]),
    ),
    quotas: { 'L-1216C47A': 128, 'L-B99A9384': 1000, 'L-0263D0A3': 5, 'L-F678F1CE': 5, 'L-0EA8095F': 60 },
    roles: ['AWSServiceRoleForRDS', 'AWSServiceRoleForElastiCache'],
    balancers: 2,
    distributions: 1,
    addresses: 1,
    networks: 2,
    placement: { data: 'managed', since: '2026-11-20T10:00:00Z', by: 'move', write: '1' },
    groups: ['TiersWebGroup', 'TiersReadGroup', 'TiersWriteGroup'].map((id) => ({
      id,
      wanted: 3,
      healthy: 3,
    })),
    images: [{ id: 'ami-1', deprecated: '2027-02-20T00:00:00.000Z' }],
    runningImages: ['ami-1', 'ami-1'],
    stoppedImages: ['ami-0'],
    databases: [
      { stack: 'Shop-Data', status: 'available', members: [true, false, false], days: 14, until: ago(0.1) },
    ],
    snapshots: [ago(10), ago(34)],
    unfinishedSnapshots: [ago(1)],
    restores: [{ at: ago(24 * 30) }],
    alarms: [
      { name: 'Shop-Operations-WebCpu', state: 'OK', actions: [TOPIC] },
      {
        name: 'Shop-Operations-Lag',
        state: 'OK',
        actions: [TOPIC, 'arn:aws:automate:us-east-1:ec2:recover'],
      },
    ],
    subscriptions: [{ arn: `${TOPIC}:1`, endpoint: 'you@example.com' }],
    history: [
      {
        alarm: 'Shop-Operations-WebCpu',
        at: ago(48),
        summary: `Successfully executed action ${TOPIC}`,
      },
    ],
  };
}

/** Starts a server for the services, where every client of this process finds it. */
export async function startAccount(account: () => Account): Promise<AwsServer> {
  const server = await AwsServer.start((call) => answerOf(account(), call));
  lambdaEnvironment({ AWS_ENDPOINT_URL: server.url });
  return server;
}

function answerOf(account: Account, call: Call): { status?: number; body: string } {
  const answer = ANSWERS[call.action];
  if (!answer) return { status: 400, body: failure('InvalidAction', `No test speaks ${call.action}`) };
  const content = answer(account, call.values);
  return typeof content === 'object' && content && 'status' in content
    ? (content as { status: number; body: string })
    : {
        body:
          typeof content === 'string'
            ? content
            : `<${call.action}Response>${xml(content as Xml)}</${call.action}Response>`,
      };
}

const failure = (code: string, message: string) =>
  `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;

/** The elements of an object; an array repeats its element. */
function xml(value: Xml): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return Object.entries(value)
    .flatMap(([name, inner]) =>
      (Array.isArray(inner) ? inner : [inner]).map((one) => `<${name}>${xml(one as Xml)}</${name}>`),
    )
    .join('');
}

const json = (content: object) => JSON.stringify(content);
const members = (list: readonly Xml[]): Xml => ({ member: list });
const items = (list: readonly Xml[]): Xml => ({ item: list });
const seconds = (date: Date) => date.getTime() / 1000;
/** True if a call asks for what has this value alone. */
const filters = (values: Readonly<Record<string, unknown>>, value: string) =>
  Object.entries(values).some(([name, given]) => name.startsWith('Filter') && given === value);

/** By action; the query protocols as objects, the others as they go out. */
const ANSWERS: Record<string, (account: Account, values: Readonly<Record<string, unknown>>) => unknown> = {
  DescribeStacks: ({ stacks }, { StackName }) => {
    const stack = stacks[String(StackName)];
    if (!stack)
      return { status: 400, body: failure('ValidationError', `Stack with id ${StackName} does not exist`) };
    const outputs = Object.entries(stack.outputs ?? {}).map(([OutputKey, OutputValue]) => ({
      OutputKey,
      OutputValue,
    }));
    return {
      DescribeStacksResult: {
        Stacks: members([
          {
            StackName: String(StackName),
            StackId: `arn:aws:cloudformation:us-east-1:111122223333:stack/${StackName}/1`,
            StackStatus: stack.status,
            CreationTime: ago(1000),
            Outputs: members(outputs),
          },
        ]),
      },
    };
  },
  GetTemplate: ({ guard }) => ({
    GetTemplateResult: {
      TemplateBody: json({ Resources: { Guard: { Type: 'Custom::PhaseGuard', Properties: guard } } }),
    },
  }),
  DescribeAvailabilityZones: ({ zones }) => ({
    availabilityZoneInfo: items(Object.entries(zones).map(([zoneName, zoneId]) => ({ zoneName, zoneId }))),
  }),
  DescribeInstanceTypeOfferings: ({ offers }, values) => {
    const instanceType = String(values['Filter.1.Value.1']);
    return {
      instanceTypeOfferingSet: items(
        (offers[instanceType] ?? []).map((location) => ({ instanceType, location })),
      ),
    };
  },
  DescribeOrderableDBInstanceOptions: ({ offers }) => ({
    DescribeOrderableDBInstanceOptionsResult: {
      OrderableDBInstanceOptions: {
        OrderableDBInstanceOption: [
          {
            AvailabilityZones: {
              AvailabilityZone: (offers['db.serverless'] ?? []).map((Name) => ({ Name })),
            },
          },
        ],
      },
    },
  }),
  DescribeAddresses: ({ addresses }) => ({
    addressesSet: items(
      Array.from({ length: addresses }, (_, index) => ({ publicIp: `203.0.113.${index}` })),
    ),
  }),
  DescribeVpcs: ({ networks }) => ({
    vpcSet: items(Array.from({ length: networks }, (_, index) => ({ vpcId: `vpc-${index}` }))),
  }),
  GetEbsEncryptionByDefault: ({ ownKey }) => ({
    ebsEncryptionByDefault: ownKey !== undefined && !ownKey.unused,
  }),
  GetEbsDefaultKmsKeyId: ({ ownKey }) => ({ kmsKeyId: ownKey?.arn ?? 'alias/aws/ebs' }),
  GetKeyPolicy: ({ ownKey }) => json({ Policy: ownKey?.policy ?? '' }),
  ListGrants: ({ ownKey }) =>
    json({ Grants: (ownKey?.grantees ?? []).map((GranteePrincipal) => ({ GranteePrincipal })) }),
  DescribeLoadBalancers: ({ balancers }) => ({
    DescribeLoadBalancersResult: {
      LoadBalancers: members(
        Array.from({ length: Math.min(1, balancers) }, () => ({ LoadBalancerName: 'one' })),
      ),
    },
  }),
  'GET /2020-05-31/distribution': ({ distributions }) =>
    `<DistributionList><Items>${'<DistributionSummary><Id>E1</Id></DistributionSummary>'.repeat(distributions)}</Items></DistributionList>`,
  'GET /deployments/placement.json': ({ placement }) =>
    placement
      ? json(placement)
      : { status: 404, body: failure('NoSuchKey', 'The specified key does not exist.') },
  GetRole: ({ roles }, { RoleName }) =>
    roles.includes(String(RoleName))
      ? {
          GetRoleResult: {
            Role: { RoleName: String(RoleName), CreateDate: ago(9999), Path: '/', RoleId: 'R', Arn: 'a' },
          },
        }
      : { status: 404, body: failure('NoSuchEntity', `The role with name ${RoleName} cannot be found.`) },
  GetServiceQuota: ({ quotas }, { QuotaCode }) => json({ Quota: { Value: quotas[String(QuotaCode)] } }),
  DescribeAutoScalingGroups: ({ groups }) => ({
    DescribeAutoScalingGroupsResult: {
      AutoScalingGroups: members(
        groups.map(({ id, wanted, healthy, starting = 0, suspended = [] }) => ({
          AutoScalingGroupName: `Shop-Services-${id}`,
          DesiredCapacity: wanted,
          Instances: members(
            Array.from({ length: wanted }, (_, index) => ({
              InstanceId: `i-${index}`,
              HealthStatus: index < healthy ? 'Healthy' : 'Unhealthy',
              LifecycleState: index < starting ? 'Pending' : 'InService',
            })),
          ),
          SuspendedProcesses: members(suspended.map((ProcessName) => ({ ProcessName }))),
          Tags: members([{ Key: 'aws:cloudformation:logical-id', Value: id }]),
        })),
      ),
    },
  }),
  DescribeInstances: ({ runningImages, stoppedImages }, values) => {
    const images = filters(values, 'running') ? runningImages : [...runningImages, ...stoppedImages];
    return { reservationSet: items([{ instancesSet: items(images.map((imageId) => ({ imageId }))) }]) };
  },
  DescribeImages: ({ images }) => ({
    imagesSet: items(
      images.map(({ id, deprecated }) => ({
        imageId: id,
        ...(deprecated && { deprecationTime: deprecated }),
      })),
    ),
  }),
  DescribeDBClusters: ({ databases }) => ({
    DescribeDBClustersResult: {
      DBClusters: {
        DBCluster: databases.map(({ stack, status, members: writers, days, until }) => ({
          DBClusterIdentifier: 'shop-data-manageddatabase',
          Status: status,
          BackupRetentionPeriod: days,
          LatestRestorableTime: until,
          DBClusterMembers: {
            DBClusterMember: writers.map((IsClusterWriter, index) => ({
              DBInstanceIdentifier: `i${index}`,
              IsClusterWriter,
            })),
          },
          TagList: { Tag: [{ Key: 'aws:cloudformation:stack-name', Value: stack }] },
        })),
      },
    },
  }),
  DescribeSnapshots: ({ snapshots, unfinishedSnapshots }, values) => {
    const found = filters(values, 'completed') ? snapshots : [...snapshots, ...unfinishedSnapshots];
    return { snapshotSet: items(found.map((startTime) => ({ startTime }))) };
  },
  LookupEvents: ({ restores }) =>
    json({
      Events: restores.map(({ at, errorCode, of = 'shop-data-manageddatabase' }) => ({
        EventTime: seconds(at),
        CloudTrailEvent: json({
          errorCode,
          requestParameters: { dBClusterIdentifier: 'drill', sourceDBClusterIdentifier: of },
        }),
      })),
    }),
  DescribeAlarms: ({ alarms, composites = [] }) =>
    json({
      MetricAlarms: alarms.map(({ name, state, actions, off = false }) => ({
        AlarmName: name,
        StateValue: state,
        AlarmActions: actions,
        ActionsEnabled: !off,
      })),
      CompositeAlarms: composites.map(({ name, over }) => ({
        AlarmName: name,
        StateValue: 'OK',
        AlarmActions: [TOPIC],
        ActionsEnabled: true,
        AlarmRule: over
          .map((window) => `ALARM("arn:aws:cloudwatch:us-east-1:111122223333:alarm:${window}")`)
          .join(' AND '),
      })),
    }),
  ListSubscriptionsByTopic: ({ subscriptions }) => ({
    ListSubscriptionsByTopicResult: {
      Subscriptions: members(
        subscriptions.map(({ arn, endpoint }) => ({ SubscriptionArn: arn, Endpoint: endpoint })),
      ),
    },
  }),
  DescribeAlarmHistory: ({ history }) =>
    json({
      AlarmHistoryItems: history.map(({ alarm, at, summary }) => ({
        AlarmName: alarm,
        Timestamp: seconds(at),
        HistoryItemType: 'Action',
        HistorySummary: summary,
      })),
    }),
};

/** Every call, again and again. */
export function denyEverything(server: AwsServer, code: string): void {
  for (const action of Object.keys(ANSWERS))
    server.denials.set(
      action,
      Array.from({ length: 50 }, () => code),
    );
}

const REST: Readonly<Record<string, string>> = {
  'GET /2020-05-31/distribution': 'ListDistributions',
};

/** True if the role with these actions may send the call; the marker's object is granted to one of them by its name. */
export function isGranted(
  action: string,
  actions: typeof DOCTOR_ACTIONS | typeof PREFLIGHT_ACTIONS,
): boolean {
  const operation = REST[action] ?? action;
  return action.endsWith('/placement.json') || actions.some((each) => each.split(':')[1] === operation);
}

import { boxSizes } from '../../lib/compute/box/instance-types';
import { windowInWords } from './expected-windows';

/**
 * The alarms of all phases as an operator would say them: the metric with its statistic and the resource that it is of,
 * the figure beyond which it rings, and how often that must be so. Figures are in the units of CloudWatch.
 */
type Words = string | RegExp | undefined;

/** The phase, whose figures differ from those of others, and its options. */
interface Figures {
  readonly number: number;
  readonly options: string;
}

const GIB = 2 ** 30;
const FOR_15_MINUTES = '3 x 5 min';
const AT_ONCE = '1 x 5 min';
const TEN_HOURS_OF_A_WEEK = '10 of 168 x 60 min';

const box = 'AutoScalingGroupName Services/Box/Group';
const volume = 'VolumeId Data/DataVolume';
const errorsOf = (path: string) => `AWS/Lambda Errors Sum (FunctionName ${path}) > 0, ${AT_ONCE}`;
const perSecond = (one: string, other: string) => `(${one} + ${other}) / 300`;
/** The number of the phase decides; one that is not there has no such alarm. */
const by = ({ number }: Figures, figures: Readonly<Record<number, number>>) => figures[number];

/** Of the box and what belongs to it. */
function ofTheBox(name: string, { options }: Figures): Words {
  const type = options === 'everything' ? 'm7g.large' : 't4g.small';
  const gbps = boxSizes.find((one) => one.name === type)?.baselineGbps ?? 0;
  const ec2 = (metric: string) => `AWS/EC2 ${metric} (${box})`;
  const ebs = (metric: string) => `AWS/EBS ${metric} Sum (${volume})`;
  const words: Readonly<Record<string, Words>> = {
    BoxMissing: `AWS/AutoScaling GroupInServiceInstances Maximum (${box}) < 1, ${FOR_15_MINUTES}, or silence`,
    StatusCheck: `${ec2('StatusCheckFailed Maximum')} > 0, 2 x 5 min`,
    Cpu: `${ec2('CPUUtilization Average')} > 80, ${FOR_15_MINUTES}`,
    CpuCredits: `${ec2('CPUSurplusCreditBalance Maximum')} > 0, 12 x 5 min`,
    // 80 % of the bits that the type sustains, in bytes.
    Network: `${perSecond(ec2('NetworkIn Sum'), ec2('NetworkOut Sum'))} > ${gbps * 100_000_000}, ${FOR_15_MINUTES}`,
    Memory: `Shop MemoryUsedPercent Maximum (Role box) > 90, ${FOR_15_MINUTES}, or silence`,
    DataDisk: `Shop DataDiskUsedPercent Maximum (Role box) > 80, ${AT_ONCE}`,
    RootDisk: `Shop RootDiskUsedPercent Maximum (Role box) > 80, ${AT_ONCE}`,
    DiskOperations: `${perSecond(ebs('VolumeReadOps'), ebs('VolumeWriteOps'))} > 2400, ${FOR_15_MINUTES}`,
    DiskThroughput: `${perSecond(ebs('VolumeReadBytes'), ebs('VolumeWriteBytes'))} > ${100 * 2 ** 20}, ${FOR_15_MINUTES}`,
    ClaimFailed: errorsOf('Services/Box/Claim/Function'),
    CertificateFailed: errorsOf('Edge/Exported/Function'),
  };
  return words[name];
}

/** Of a group of hosts, and of a process of the app on them or on the box. */
function ofAGroup(name: string, figures: Figures): Words {
  const [, group = '', what = ''] = /^(Box|Web|(?:Users)?(?:Read|Write))(\w+)$/.exec(name) ?? [];
  const tier = group === 'Web' ? 'Services/Tiers/Web' : `Services/Tiers/Api/${group}`;
  const hosts = `AutoScalingGroupName ${tier}/Fleet/Group`;
  const role = `Role ${group.charAt(0).toLowerCase()}${group.slice(1)}`;
  const balancer = `LoadBalancer ${group === 'Web' ? tier : 'Services/Tiers/Api'}/Balancer`;
  const targets = `${balancer}, TargetGroup ${group === 'Web' ? `${tier}/` : tier}Targets`;
  const elb = (metric: string) => `AWS/ApplicationELB ${metric} (${targets})`;
  const inService = `AWS/AutoScaling GroupInServiceInstances Maximum (${hosts})`;
  const desired = `AWS/AutoScaling GroupDesiredCapacity Maximum (${hosts})`;
  const fixed = { Web: { 3: 3, 4: 3 }, Read: { 3: 3, 4: 6 }, Write: { 3: 3, 4: 3 } }[group];
  const most = by(figures, {
    5: { Web: 21, Read: 24, Write: 12 }[group] ?? 0,
    6: { Web: 96, Read: 132, Write: 18, UsersRead: 24, UsersWrite: 12 }[group] ?? 0,
  });
  const words: Readonly<Record<string, Words>> = {
    Errors: `${elb('HTTPCode_Target_5XX_Count Sum')} > 10, ${AT_ONCE}`,
    // In seconds.
    Slow: `${elb('TargetResponseTime p99')} > 1, ${FOR_15_MINUTES}`,
    Unhealthy: `${elb('UnHealthyHostCount Minimum')} > 0, ${FOR_15_MINUTES}`,
    CallsUnhealthy: `AWS/ApplicationELB UnHealthyHostCount Minimum (LoadBalancer Services/Tiers/Api/Rpc, TargetGroup ${tier}RpcTargets) > 0, ${FOR_15_MINUTES}`,
    Hosts:
      figures.number < 5
        ? `${inService} < ${fixed && by(figures, fixed)}, ${FOR_15_MINUTES}, or silence`
        : `${desired} - ${inService} > 0, ${FOR_15_MINUTES}, or silence`,
    AtMaximum: `${desired} > ${(most ?? 0) - 1}, ${FOR_15_MINUTES}`,
    Cpu: `AWS/EC2 CPUUtilization Average (${hosts}) > 80, ${FOR_15_MINUTES}`,
    CpuCredits: `AWS/EC2 CPUSurplusCreditBalance Maximum (${hosts}) > 0, 12 x 5 min`,
    Memory: `Shop MemoryUsedPercent Maximum (${role}) > 90, ${FOR_15_MINUTES}, or silence`,
    Disk: `Shop RootDiskUsedPercent Maximum (${role}) > 80, ${AT_ONCE}`,
    Restarts: `Shop ProcessUptimeSeconds Minimum (${role}) < 600, 24 x 5 min`,
    Refused: `Shop RequestsRefusedPercent Average (${role}) > 1, ${FOR_15_MINUTES}`,
    CriticalRefused: `Shop CriticalRequestsRefusedPercent Maximum (${role}) > 0, ${AT_ONCE}`,
  };
  return words[what];
}

function ofABalancer(name: string): Words {
  const [, which = '', what = ''] = /^(Web|App|Rpc)Balancer(\w+)$/.exec(name) ?? [];
  const path = { Web: 'Web/Balancer', App: 'Api/Balancer', Rpc: 'Api/Rpc' }[which];
  const elb = (metric: string) => `AWS/ApplicationELB ${metric} Sum (LoadBalancer Services/Tiers/${path})`;
  const words: Readonly<Record<string, Words>> = {
    Errors: `${elb('HTTPCode_ELB_5XX_Count')} > 10, ${AT_ONCE}`,
    Rejects: `${elb('RejectedConnectionCount')} > 0, ${AT_ONCE}`,
  };
  return words[what];
}

/** Of a cluster: the shared one, that of the users, or another shard. */
function ofADatabase(name: string, figures: Figures): Words {
  const [, whose = '', what = ''] = /^(Users|UserShard2)?(\w+?)$/.exec(name) ?? [];
  const path = { '': 'Data/Managed', Users: 'Data/Users', UserShard2: 'Data/UserShards/Shard2' }[whose];
  const cluster = `DBClusterIdentifier ${path}/Database/Cluster`;
  const rds = (metric: string, role = '') => `AWS/RDS ${metric} (${cluster}${role && `, Role ${role}`})`;
  const units = whose === '' ? by(figures, { 2: 8, 3: 8, 4: 8, 5: 32, 6: 64 }) : 32;
  const connections = whose === '' ? by(figures, { 2: 100, 3: 260, 4: 460, 5: 2020, 6: 3600 }) : 1020;
  const words: Readonly<Record<string, Words>> = {
    DatabaseMissing: `${rds('EngineUptime Maximum')} < 1, ${FOR_15_MINUTES}, or silence`,
    DatabaseCpu: `${rds('CPUUtilization Average', 'WRITER')} > 80, ${FOR_15_MINUTES}`,
    DatabaseCapacity: `${rds('ACUUtilization Average', 'WRITER')} > 90, ${FOR_15_MINUTES}`,
    // A tenth of 2 GiB for each unit.
    DatabaseMemory: `${rds('FreeableMemory Minimum')} < ${0.1 * (units ?? 0) * 2 * GIB}, ${FOR_15_MINUTES}`,
    DatabaseConnections: `${rds('DatabaseConnections Maximum')} > ${connections}, ${FOR_15_MINUTES}`,
    // Each second; an average with replicas, which have none, would hide them.
    DatabaseDeadlocks: `${rds('Deadlocks Average', 'WRITER')} > 1, ${FOR_15_MINUTES}`,
    DatabaseLocalStorage: `${rds('FreeLocalStorage Minimum')} < ${2 * GIB}, ${FOR_15_MINUTES}`,
    DatabaseVolume: `${rds('AuroraVolumeBytesLeftTotal Minimum')} < ${10 * 1024 * GIB}, ${AT_ONCE}`,
    StandbyMissing: `${rds('EngineUptime Maximum', 'READER')} < 1, ${FOR_15_MINUTES}, or silence`,
    // In milliseconds.
    StandbyLag: `${rds('AuroraReplicaLagMaximum Maximum')} > 1000, ${FOR_15_MINUTES}`,
    MigrationFailed: errorsOf(`${path}/Migrations/Function`),
    RotationFailed: errorsOf(`${path}/Rotation/Function`),
  };
  return words[what];
}

function ofAnInstance(name: string): Words {
  const [, number = '', what = ''] = /^Instance(\d)(\w+)$/.exec(name) ?? [];
  const rds = (metric: string) =>
    `AWS/RDS ${metric} (DBInstanceIdentifier Data/Managed/Database/Instance${number})`;
  const words: Readonly<Record<string, Words>> = {
    Cpu: `${rds('CPUUtilization Average')} > 80, ${FOR_15_MINUTES}`,
    Missing: `${rds('EngineUptime Maximum')} < 1, ${FOR_15_MINUTES}, or silence`,
    Lag: `${rds('AuroraReplicaLag Maximum')} > 1000, ${FOR_15_MINUTES}`,
  };
  return words[what];
}

function ofTheCache(name: string, figures: Figures, cache: string): Words {
  const metric = (words: string) => `AWS/ElastiCache ${words} (clusterId ${cache})`;
  const both = (one: string, other: string) =>
    `FILL(${metric(`${one} Sum`)}, 0) + FILL(${metric(`${other} Sum`)}, 0)`;
  const [hits, misses] = [metric('CacheHits Sum'), metric('CacheMisses Sum')];
  const gigabytes = by(figures, { 4: 1, 5: 5, 6: 5 }) ?? 0;
  const words: Readonly<Record<string, Words>> = {
    CacheThrottled: `${metric('ThrottledCmds Sum')} > 0, ${AT_ONCE}`,
    // Of 10,000 units a second for each GB, in five minutes.
    CacheUnits: `${metric('ElastiCacheProcessingUnits Sum')} > ${0.8 * gigabytes * 10_000 * 300}, ${FOR_15_MINUTES}`,
    CacheBytes: `${metric('BytesUsedForCache Maximum')} > ${0.8 * gigabytes * 1e9}, ${FOR_15_MINUTES}`,
    CacheEvictions: `${metric('Evictions Sum')} > 0, ${FOR_15_MINUTES}`,
    CacheUnreached: `${metric('CurrConnections Maximum')} < ${by(figures, { 4: 9, 5: 6, 6: 15 })}, ${FOR_15_MINUTES}, or silence`,
    CacheConnections: `${metric('CurrConnections Maximum')} > ${by(figures, { 4: 110, 5: 500, 6: 2520 })}, ${FOR_15_MINUTES}`,
    CacheMisses: `IF(${hits} + ${misses} > 30000, 100 * ${hits} / (${hits} + ${misses}), 100) < 50, 6 x 5 min`,
    // In microseconds.
    CacheSlow: `${metric('SuccessfulReadRequestLatency Average')} > 3000, ${FOR_15_MINUTES}`,
    CacheLogins: `${both('AuthenticationFailures', 'IamAuthenticationThrottling')} > 0, ${AT_ONCE}`,
    CacheCommands: `${both('CommandAuthorizationFailures', 'KeyAuthorizationFailures')} > 0, ${AT_ONCE}`,
  };
  return words[name];
}

function ofPhotos(name: string): Words {
  const sqs = (metric: string, queue: string) => `AWS/SQS ${metric} Maximum (QueueName Data/Photos/${queue})`;
  const operations = ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem', 'Scan'];
  const table = (metric: string) =>
    operations
      .map((each) => `AWS/DynamoDB ${metric} Sum (Operation ${each}, TableName Data/Photos/Table)`)
      .join(' + ');
  const worker = 'FunctionName Services/Tiers/PhotoWorker/Function';
  const words: Readonly<Record<string, Words>> = {
    PhotosFailed: `${sqs('ApproximateNumberOfMessagesVisible', 'DeadLetters')} > 0, ${AT_ONCE}`,
    // In seconds.
    PhotosLate: `${sqs('ApproximateAgeOfOldestMessage', 'Queue')} > 300, ${AT_ONCE}`,
    PhotoQueueFull: `${sqs('ApproximateNumberOfMessagesVisible', 'Queue')} > ${0.8 * 1500}, ${AT_ONCE}`,
    PhotoWorkerErrors: `AWS/Lambda Errors Sum (${worker}) > 0, ${AT_ONCE}`,
    PhotoWorkerThrottles: `AWS/Lambda Throttles Sum (${worker}) > 0, ${FOR_15_MINUTES}`,
    PhotoTableThrottled: `${table('ThrottledRequests')} > 0, ${AT_ONCE}`,
    PhotoTableErrors: `${table('SystemErrors')} > 0, ${AT_ONCE}`,
  };
  return words[name];
}

function ofTheRest(name: string, { number, options }: Figures): Words {
  const cdn = `DistributionId ${options === 'everything' ? 'EdgeAlarms/ExportsReader' : 'Edge/Cdn/Distribution'}, Region Global`;
  const rate = `AWS/CloudFront 5xxErrorRate Average (${cdn})`;
  const waf = (metric: string) => `FILL(AWS/WAFV2 ${metric} Sum (Rule ALL, WebACL Shop), 0)`;
  const [blocked, allowed] = [waf('BlockedRequests'), waf('AllowedRequests')];
  const undelivered = (path: string) =>
    `AWS/SQS ApproximateNumberOfMessagesVisible Maximum (QueueName ${path}) > 0, ${AT_ONCE}`;
  const outgrown = (metric: string, percent: number) => `${metric} > ${percent}, ${TEN_HOURS_OF_A_WEEK}`;
  const thread = (role: string) => outgrown(`Shop EventLoopUtilization Average (Role ${role})`, 50);
  const words: Readonly<Record<string, Words>> = {
    RolloutFailed: errorsOf('Services/Tiers/Rollout/Function'),
    CdnErrors: `IF(${rate} * AWS/CloudFront Requests Sum (${cdn}) / 100 > 10, ${rate}, 0) > 1, ${FOR_15_MINUTES}`,
    CustomersBlocked: `IF(${blocked} > 100, 100 * ${blocked} / (${blocked} + ${allowed}), 0) > 5, 3 of 4 x 5 min`,
    CanaryFails:
      'CloudWatchSynthetics SuccessPercent Minimum (CanaryName Operations/Outside/Canary/Canary) < 100, 2 x 5 min, or silence',
    IncidentsFailed: errorsOf('Operations/Outside/Incidents/Function'),
    IncidentsUndelivered: undelivered('Operations/Outside/Incidents/Undelivered'),
    ArchiveFailed: errorsOf('Data/Warehouse/Archive'),
    WarehouseLoadFailed: errorsOf('Data/Warehouse/Load'),
    ArchiveUndelivered: undelivered('Data/Warehouse/Undelivered'),
    // Half of six hours of the four units that it has at least.
    WarehouseBusy: `AWS/Redshift-Serverless ComputeSeconds Sum (Workgroup Data/Warehouse/Redshift/Workgroup) > ${4 * 3 * 3600}, 1 x 360 min`,
    OutgrownBoxCpu: outgrown(`AWS/EC2 CPUUtilization Average (${box})`, 50),
    OutgrownBoxMemory: outgrown('Shop MemoryUsedPercent Average (Role box)', 80),
    OutgrownDataDisk: outgrown('Shop DataDiskUsedPercent Maximum (Role box)', 50),
    OutgrownBoxThread: thread('box'),
    OutgrownReadThread: thread('read'),
    OutgrownByRefusals: 'Shop RequestsRefusedPercent Maximum (Role read) > 1, 3 of 168 x 60 min',
    OutgrownWriter: outgrown(
      'AWS/RDS ACUUtilization Average (DBClusterIdentifier Data/Managed/Database/Cluster, Role WRITER)',
      50,
    ),
  };
  return words[name] ?? windowInWords(name, number);
}

/** @param cache the name of the cache, which its metrics have */
export const expectedAlarm = (name: string, figures: Figures, cache: string): Words =>
  ofTheBox(name, figures) ??
  ofAGroup(name, figures) ??
  ofABalancer(name) ??
  ofAnInstance(name) ??
  ofADatabase(name, figures) ??
  ofTheCache(name, figures, cache) ??
  ofPhotos(name) ??
  ofTheRest(name, figures);

import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import type { Logger } from '../shared/runtime/log';
import type { ProcessLoad } from './process-load';

/**
 * Metrics that EC2 cannot measure from outside the host. Alarms and scaling policies share the names. Lines may reach
 * CloudWatch twice: averages and maximums stay right, sums do not (decision 0135).
 */
export const HOST_METRICS = {
  namespace: 'Shop',
  dimension: 'Role',
  memory: 'MemoryUsedPercent',
  dataDisk: 'DataDiskUsedPercent',
  rootDisk: 'RootDiskUsedPercent',
  processMemory: 'ProcessMemoryMegabytes',
  uptime: 'ProcessUptimeSeconds',
  eventLoop: 'EventLoopUtilization',
  underWay: 'RequestsUnderWay',
  refused: 'RequestsRefusedPercent',
  refusedCritical: 'CriticalRequestsRefusedPercent',
  milliseconds: 'RequestMilliseconds',
} as const;

/** Units as CloudWatch names them. Default: Percent. */
const UNITS: Readonly<Record<string, string>> = {
  [HOST_METRICS.underWay]: 'Count',
  [HOST_METRICS.processMemory]: 'Megabytes',
  [HOST_METRICS.uptime]: 'Seconds',
  [HOST_METRICS.milliseconds]: 'Milliseconds',
};

export interface HostMetricsOptions {
  /** The value of the dimension, such as `box`. */
  readonly role: string;
  /** The mount point of the data volume, on hosts that have one. */
  readonly dataFolder?: string;
  /** Default `Shop`. */
  readonly namespace?: string;
  /** The load of the process since the last call. Default: it is not measured. */
  readonly load?: () => ProcessLoad | undefined;
  /** Times until answers since the last call, at most 100, for percentiles. Default: none. */
  readonly milliseconds?: () => readonly number[];
}

export interface ReportOptions extends HostMetricsOptions {
  /** Default 60. */
  readonly intervalSeconds?: number;
}

/**
 * One measurement as a line in CloudWatch's embedded metric format, which is shipped with the logs.
 */
export async function hostMetrics({
  role,
  dataFolder,
  namespace = HOST_METRICS.namespace,
  load,
  milliseconds = () => [],
}: HostMetricsOptions) {
  const { dimension, memory, dataDisk, rootDisk, processMemory, uptime } = HOST_METRICS;
  const answers = milliseconds();
  const measured = {
    [memory]: percent(1 - freemem() / totalmem()),
    ...(dataFolder && { [dataDisk]: await diskUsedPercent(dataFolder) }),
    [rootDisk]: await diskUsedPercent('/'),
    [processMemory]: Math.round(process.memoryUsage.rss() / 1e6),
    [uptime]: Math.round(process.uptime()),
    ...loadMetrics(load?.()),
    ...(answers.length > 0 && { [HOST_METRICS.milliseconds]: answers }),
  };
  return {
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [[dimension]],
          Metrics: Object.keys(measured).map((Name) => ({ Name, Unit: UNITS[Name] ?? 'Percent' })),
        },
      ],
    },
    [dimension]: role,
    ...measured,
  };
}

const loadMetrics = (load: ProcessLoad | undefined): Record<string, number> =>
  load === undefined
    ? {}
    : {
        [HOST_METRICS.eventLoop]: load.eventLoopPercent,
        [HOST_METRICS.underWay]: load.requestsUnderWay,
        [HOST_METRICS.refused]: load.refusedPercent,
        [HOST_METRICS.refusedCritical]: load.refusedCriticalPercent,
      };

/** Logs a measurement now and then once in each interval. */
export function reportHostMetrics(log: Logger, { intervalSeconds = 60, ...options }: ReportOptions): void {
  const report = () =>
    hostMetrics(options).then(
      (metrics) => log.info(metrics),
      (error) => log.warn({ err: error }, 'the host cannot be measured'),
    );
  void report();
  setInterval(report, intervalSeconds * 1000).unref();
}

const diskUsedPercent = async (folder: string): Promise<number> => usedPercent(await statfs(folder));

/** Counts like df: blocks reserved for root are not free. */
export function usedPercent({ blocks, bfree, bavail }: Pick<StatsFs, 'blocks' | 'bfree' | 'bavail'>): number {
  const used = blocks - bfree;
  return percent(used / (used + bavail));
}

const percent = (share: number) => Math.round(share * 1000) / 10;

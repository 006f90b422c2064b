import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';

/** Names shared with the alarms (lib/operations): what EC2 cannot see from outside the host. Percent, 0 to 100. */
export const HOST_METRICS = {
  namespace: 'Shop',
  dimension: 'Role',
  memory: 'MemoryUsedPercent',
  dataDisk: 'DataDiskUsedPercent',
  rootDisk: 'RootDiskUsedPercent',
} as const;

/**
 * One measurement as a CloudWatch embedded-metric-format line: it travels with the logs and needs no endpoint of its own.
 * @param role the value of the dimension, like `box`
 * @param dataFolder where the data volume is, on a host that has one
 */
export async function hostMetrics(role: string, dataFolder?: string): Promise<string> {
  const { namespace, dimension, memory, dataDisk, rootDisk } = HOST_METRICS;
  const measured = {
    [memory]: percent(1 - freemem() / totalmem()),
    ...(dataFolder && { [dataDisk]: await diskUsedPercent(dataFolder) }),
    [rootDisk]: await diskUsedPercent('/'),
  };
  return JSON.stringify({
    _aws: {
      Timestamp: Date.now(),
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: [[dimension]],
          Metrics: Object.keys(measured).map((Name) => ({ Name, Unit: 'Percent' })),
        },
      ],
    },
    [dimension]: role,
    ...measured,
  });
}

/** Writes a measurement to stdout now and then once a minute; returns how to stop. */
export function reportHostMetrics(role: string, dataFolder?: string): () => void {
  const report = async () => process.stdout.write(`${await hostMetrics(role, dataFolder)}\n`);
  void report();
  const timer = setInterval(report, 60_000);
  timer.unref();
  return () => clearInterval(timer);
}

/** As df counts it: blocks that only root may use are not free. */
async function diskUsedPercent(folder: string): Promise<number> {
  const { blocks, bfree, bavail } = await statfs(folder);
  const used = blocks - bfree;
  return percent(used / (used + bavail));
}

const percent = (share: number) => Math.round(share * 1000) / 10;

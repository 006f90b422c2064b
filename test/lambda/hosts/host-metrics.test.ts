import {
  HOST_METRICS,
  hostMetrics,
  reportHostMetrics,
  usedPercent,
} from '../../../lambda/hosts/host-metrics';
import { createLog } from '../../../lambda/shared/runtime/log';
import { until } from '../../support/until';

afterEach(() => jest.useRealTimers());

/** The line that a host logs as its first measurement. */
const logged = (role: string, dataFolder?: string) =>
  new Promise<string>((resolve) => {
    reportHostMetrics(createLog({ write: resolve }), { role, dataFolder });
  }).then((line) => JSON.parse(line));

it('measures memory and disks in percent, as a line that CloudWatch turns into metrics', async () => {
  const line = await logged('box', '/');
  const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
  expect([Namespace, Dimensions, line.Role]).toEqual(['Shop', [['Role']], 'box']);
  const inPercent = Metrics.filter(({ Unit }: { Unit: string }) => Unit === 'Percent');
  expect(inPercent).toHaveLength(3);
  for (const { Name } of inPercent) {
    expect(line[Name]).toBeGreaterThan(0);
    expect(line[Name]).toBeLessThanOrEqual(100);
  }
  expect(Math.abs(line._aws.Timestamp - Date.now())).toBeLessThan(60_000);
});

it('measures at once, and each minute, as the alarms on silence expect', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  let lines = 0;
  const log = createLog({ write: () => void lines++ });
  reportHostMetrics(log, { role: 'box' });
  const written = async (count: number) => {
    await until(() => lines >= count);
    return lines;
  };
  expect(await written(1)).toBe(1);
  jest.advanceTimersByTime(59_999);
  await new Promise(setImmediate);
  expect(lines).toBe(1);
  jest.advanceTimersByTime(1);
  expect(await written(2)).toBe(2);
  jest.advanceTimersByTime(120_000);
  expect(await written(4)).toBe(4);
});

it('measures no data disk on a host that has none', async () => {
  const line = await logged('web');
  const names = line._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: { Name: string }) => Name);
  expect(names).toEqual([
    HOST_METRICS.memory,
    HOST_METRICS.rootDisk,
    HOST_METRICS.processMemory,
    HOST_METRICS.uptime,
  ]);
  for (const name of names) expect(line[name]).toBeGreaterThan(0);
  expect(line).not.toHaveProperty(HOST_METRICS.dataDisk);
});

it('measures the memory and the age of the process, so that restarts show', async () => {
  const line: Record<string, unknown> & { _aws: { CloudWatchMetrics: { Metrics: object[] }[] } } =
    await hostMetrics({ role: 'read' });
  expect(line[HOST_METRICS.processMemory]).toBeCloseTo(process.memoryUsage.rss() / 1e6, -2);
  expect(Math.abs(Number(line[HOST_METRICS.uptime]) - process.uptime())).toBeLessThan(60);
  expect(line._aws.CloudWatchMetrics[0]?.Metrics).toEqual(
    expect.arrayContaining([
      { Name: HOST_METRICS.processMemory, Unit: 'Megabytes' },
      { Name: HOST_METRICS.uptime, Unit: 'Seconds' },
    ]),
  );
});

it('adds the load of the process, as averages, once there is one', async () => {
  const load = {
    eventLoopPercent: 83.2,
    requestsUnderWay: 12.5,
    refusedPercent: 0,
    refusedCriticalPercent: 0,
  };
  const line: Record<string, unknown> & { _aws: { CloudWatchMetrics: { Metrics: object[] }[] } } =
    await hostMetrics({ role: 'read', load: () => load });
  expect(line).toMatchObject({
    ...{ Role: 'read', EventLoopUtilization: 83.2, RequestsUnderWay: 12.5, RequestsRefusedPercent: 0 },
  });
  expect(line._aws.CloudWatchMetrics[0]?.Metrics).toEqual(
    expect.arrayContaining([
      { Name: HOST_METRICS.eventLoop, Unit: 'Percent' },
      { Name: HOST_METRICS.underWay, Unit: 'Count' },
      { Name: HOST_METRICS.refused, Unit: 'Percent' },
      { Name: HOST_METRICS.refusedCritical, Unit: 'Percent' },
    ]),
  );
  expect(await hostMetrics({ role: 'read', load: () => undefined })).not.toHaveProperty(
    HOST_METRICS.eventLoop,
  );
});

it('fails when the data folder is not there, rather than report the wrong disk', async () => {
  await expect(hostMetrics({ role: 'box', dataFolder: '/no/such/folder' })).rejects.toThrow('ENOENT');
  expect(HOST_METRICS.namespace).toBe('Shop');
  expect(await logged('box', '/no/such/folder')).toMatchObject({
    level: 'warn',
    msg: 'the host cannot be measured',
  });
});

it('adds a sample of the times until answers, which CloudWatch makes percentiles of', async () => {
  const line = await hostMetrics({ role: 'read', milliseconds: () => [3.1, 0.4] });
  expect(line).toMatchObject({ RequestMilliseconds: [3.1, 0.4] });
  expect(line._aws.CloudWatchMetrics[0]?.Metrics).toContainEqual({
    Name: HOST_METRICS.milliseconds,
    Unit: 'Milliseconds',
  });
  expect(await hostMetrics({ role: 'read', milliseconds: () => [] })).not.toHaveProperty(
    HOST_METRICS.milliseconds,
  );
});

it('counts a disk as df does: what is reserved for root is neither free nor used', () => {
  // Of 100 blocks 40 are used; of the other 60 nobody but root may use 20.
  expect(usedPercent({ blocks: 100, bfree: 60, bavail: 40 })).toBe(50);
  expect(usedPercent({ blocks: 100, bfree: 20, bavail: 0 })).toBe(100);
});

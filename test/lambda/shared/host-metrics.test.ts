import { HOST_METRICS, hostMetrics } from '../../../lambda/shared/host-metrics';

it('measures memory and disks in percent, as a line that CloudWatch turns into metrics', async () => {
  const line = JSON.parse(await hostMetrics('box', '/'));
  const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
  expect([Namespace, Dimensions, line.Role]).toEqual(['Shop', [['Role']], 'box']);
  expect(Metrics).toHaveLength(3);
  for (const { Name, Unit } of Metrics) {
    expect(Unit).toBe('Percent');
    expect(line[Name]).toBeGreaterThan(0);
    expect(line[Name]).toBeLessThanOrEqual(100);
  }
  expect(Math.abs(line._aws.Timestamp - Date.now())).toBeLessThan(60_000);
});

it('measures no data disk on a host that has none', async () => {
  const line = JSON.parse(await hostMetrics('web'));
  const names = line._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: { Name: string }) => Name);
  expect(names).toEqual([HOST_METRICS.memory, HOST_METRICS.rootDisk]);
  for (const name of names) expect(line[name]).toBeGreaterThan(0);
  expect(line).not.toHaveProperty(HOST_METRICS.dataDisk);
});

it('fails when the data folder is not there, rather than report the wrong disk', async () => {
  await expect(hostMetrics('box', '/no/such/folder')).rejects.toThrow('ENOENT');
  expect(HOST_METRICS.namespace).toBe('Shop');
});

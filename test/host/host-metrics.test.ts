import { hostMetrics } from '../../lambda/hosts/host-metrics';
import { describeWith, TierHost } from './support';

describeWith('ps', 'awk')('host-metrics.sh of a web host', () => {
  let host: TierHost;
  beforeEach(() => {
    host = new TierHost('web', { ROLE: 'web', METRICS_NAMESPACE: 'Staging' });
  });
  afterEach(() => host.remove());

  const measured = async () => {
    const { code, output } = await host.run('host-metrics.sh');
    expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
    return JSON.parse(output);
  };

  it('writes the line that the app writes on its hosts, with the same names and units', async () => {
    host.write('run/nginx.pid', String(process.pid));
    const line = await measured();
    const ofTheApp = await hostMetrics({ role: 'web', namespace: 'Staging' });
    expect(line._aws.CloudWatchMetrics).toEqual(ofTheApp._aws.CloudWatchMetrics);
    expect(Object.keys(line)).toEqual(Object.keys(ofTheApp));
    expect(Math.abs(line._aws.Timestamp - Date.now())).toBeLessThan(60_000);
  });

  it('measures memory, disk, and the process of nginx', async () => {
    host.write('run/nginx.pid', String(process.pid));
    const line = await measured();
    for (const name of ['MemoryUsedPercent', 'RootDiskUsedPercent']) {
      expect(line[name]).toBeGreaterThan(0);
      expect(line[name]).toBeLessThanOrEqual(100);
    }
    expect(line.ProcessMemoryMegabytes).toBeGreaterThan(10);
    expect(Math.abs(line.ProcessUptimeSeconds - process.uptime())).toBeLessThan(60);
  });

  it('says that nginx is new while it does not run, which the alarm on restarts takes for one', async () => {
    expect(await measured()).toMatchObject({ ProcessUptimeSeconds: 0, ProcessMemoryMegabytes: 0 });
  });
});

import { boxSizes } from '../../../lib/compute/box/instance-types';
import { TRACKING_ALARMS } from '../../../lib/scaling/policy-decisions';
import {
  inventoryReadScaling,
  inventoryWriteScaling,
  readScaling,
  usersReadScaling,
  webScaling,
  wideWebScaling,
  writeScaling,
} from '../../../lib/scaling/scaling-plan';

const plans = {
  web: webScaling,
  read: readScaling,
  write: writeScaling,
  'web of phase 6': wideWebScaling,
  'read of inventory': inventoryReadScaling,
  'write of inventory': inventoryWriteScaling,
  'read of users': usersReadScaling,
};

describe.each(Object.entries(plans))('%s', (_name, plan) => {
  const type = boxSizes.find(({ name }) => name === plan.instanceType);

  it('has a type that does not burst, since CPU says nothing about a host without credits', () => {
    expect(type).toMatchObject({ burstable: false });
  });

  it('has a host in each of three zones at its minimum, at any hour', () => {
    for (const minimum of [plan.minimum, plan.businessHours?.minimum ?? plan.minimum]) {
      expect(minimum).toBeGreaterThanOrEqual(3);
      expect(minimum % 3).toBe(0);
    }
  });

  it('has room for four times its largest minimum at night', () => {
    expect(plan.maximum).toBeGreaterThanOrEqual(4 * plan.minimum);
  });

  it('warms up for a boot of three minutes, a minute of metrics, and the two until they are known', () => {
    expect(plan.warmUpSeconds).toBeGreaterThanOrEqual(360);
  });

  it('lets two thirds of the hosts carry the load of all', () => {
    const cpu = plan.tracking.find(({ metric }) => metric === 'cpuPercent');
    expect((cpu?.target ?? 100) * (3 / 2)).toBeLessThanOrEqual(75);
  });

  it('sends at most 60 % of its sustained bandwidth', () => {
    const network = plan.tracking.find(({ metric }) => metric === 'networkOutBytesPerMinute');
    if (network) expect((network.target * 8) / 60).toBeLessThanOrEqual(0.6 * (type?.baselineGbps ?? 0) * 1e9);
  });

  it('lets no policy add without a say in what is removed', () => {
    expect(plan.tracking.filter(({ scaleIn }) => !scaleIn)).toEqual([]);
  });

  it('adds for a busy event loop only above the CPU at which tracking removes hosts', () => {
    const cores = plan.instanceType.endsWith('.medium') ? 1 : 2;
    const cpu = plan.tracking.find(({ metric }) => metric === 'cpuPercent');
    for (const step of plan.steps.filter(({ metric }) => metric === 'eventLoopPercent')) {
      // A loop may be busy for a fifth longer than its CPU time: it waits for a core, too.
      expect(step.threshold / cores / 1.2).toBeGreaterThan((cpu?.target ?? 100) * TRACKING_ALARMS.lowPart);
    }
  });

  it('has steps that only add, in ascending order from zero', () => {
    for (const { adjustments } of plan.steps) {
      expect(adjustments[0]?.aboveThresholdBy).toBe(0);
      const from = adjustments.map(({ aboveThresholdBy }) => aboveThresholdBy);
      expect(from).toEqual([...from].sort((one, other) => one - other));
      expect(adjustments.every(({ addPercent }) => addPercent > 0)).toBe(true);
    }
  });

  it('judges latency only above the CPU that it tracks: below that, hosts are not the reason', () => {
    const cpu = plan.tracking.find(({ metric }) => metric === 'cpuPercent');
    for (const step of plan.steps.filter(({ metric }) => metric === 'p95Seconds')) {
      expect(step.onlyAboveCpuPercent).toBeGreaterThan(cpu?.target ?? 100);
    }
  });
});

test('no app server scales on requests: a slow database would add hosts by those that were refused and repeated', () => {
  const metrics = [readScaling, writeScaling].flatMap(({ tracking }) => tracking.map(({ metric }) => metric));
  expect(metrics).not.toContain('requestsPerMinute');
});

import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { HOST_METRICS } from '../../lambda/hosts/host-metrics';
import type { BoxSize } from '../compute/box/instance-types';
import { refusedAlarms } from './process-alarms';
import type { ShopAlarm } from './shop-alarm';

export interface BoxAlarmsOptions {
  readonly groupName: string;
  readonly size: BoxSize;
  readonly volumeId: string;
  /** The namespace of the metrics that the box itself reports. */
  readonly namespace: string;
}

/** One alarm per resource that can run out: the first one to fire indicates the next phase. */
export function boxAlarms(options: BoxAlarmsOptions): ShopAlarm[] {
  return [
    ...machineAlarms(options),
    ...memoryAndDiskAlarms(options),
    ...volumeAlarms(options.volumeId),
    ...refusedAlarms('Box', 'box', options.namespace),
  ];
}

/** EC2 reports every five minutes without detailed monitoring (2.10 USD a month for more). */
const fiveMinutes = Duration.minutes(5);

function machineAlarms({ groupName, size }: BoxAlarmsOptions): ShopAlarm[] {
  const ec2 = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/EC2',
      metricName,
      statistic,
      period: fiveMinutes,
      dimensionsMap: { AutoScalingGroupName: groupName },
    });
  const alarms: ShopAlarm[] = [
    {
      id: 'BoxMissing',
      what: 'No box has been in service for 15 minutes.',
      section: 'the-box-is-missing',
      metric: new Metric({
        namespace: 'AWS/AutoScaling',
        metricName: 'GroupInServiceInstances',
        statistic: 'Maximum',
        period: fiveMinutes,
        dimensionsMap: { AutoScalingGroupName: groupName },
      }),
      threshold: 1,
      periods: 3,
      when: 'below',
      silenceIsBad: true,
    },
    {
      id: 'StatusCheck',
      what: 'A status check of the instance or of its host failed.',
      section: 'the-status-check-failed',
      metric: ec2('StatusCheckFailed', 'Maximum'),
      threshold: 0,
      periods: 2,
    },
    {
      id: 'Cpu',
      what: 'CPU above 80% for 15 minutes.',
      section: 'the-cpu-is-busy',
      metric: ec2('CPUUtilization', 'Average'),
      threshold: 80,
      periods: 3,
    },
    {
      id: 'Network',
      what: `Network above 80% of the ${size.baselineGbps} Gbps that a ${size.name} sustains.`,
      section: 'the-network-is-full',
      metric: new MathExpression({
        expression: `(in + out) / ${fiveMinutes.toSeconds()}`,
        label: 'Bytes per second',
        usingMetrics: { in: ec2('NetworkIn', 'Sum'), out: ec2('NetworkOut', 'Sum') },
        period: fiveMinutes,
      }),
      threshold: Math.round((0.8 * size.baselineGbps * 1e9) / 8),
      periods: 3,
    },
  ];
  if (size.burstable) {
    alarms.push({
      id: 'CpuCredits',
      what: 'The box has used up its CPU credits and runs on surplus credits, which cost extra.',
      section: 'the-cpu-credits-are-spent',
      metric: ec2('CPUSurplusCreditBalance', 'Maximum'),
      threshold: 0,
      // A boot uses surplus credits for minutes: a new T4g starts without credits.
      periods: 12,
    });
  }
  return alarms;
}

/** Metrics that the app reports once a minute, so missing data means that the app is not running. */
function memoryAndDiskAlarms({ namespace }: BoxAlarmsOptions): ShopAlarm[] {
  const own = (metricName: string) =>
    new Metric({
      namespace,
      metricName,
      statistic: 'Maximum',
      period: fiveMinutes,
      dimensionsMap: { [HOST_METRICS.dimension]: 'box' },
    });
  return [
    {
      id: 'Memory',
      what: 'Memory above 90% for 15 minutes, or the app has stopped reporting.',
      section: 'the-memory-is-full',
      metric: own(HOST_METRICS.memory),
      threshold: 90,
      periods: 3,
      silenceIsBad: true,
    },
    {
      id: 'DataDisk',
      what: 'The data volume is more than 80% full.',
      section: 'the-data-disk-fills-up',
      metric: own(HOST_METRICS.dataDisk),
      threshold: 80,
      periods: 1,
    },
    {
      id: 'RootDisk',
      what: 'The root volume is more than 80% full.',
      section: 'the-root-disk-fills-up',
      metric: own(HOST_METRICS.rootDisk),
      threshold: 80,
      periods: 1,
    },
  ];
}

/** 80% of the baseline of a gp3 volume: 3,000 operations and 125 MiB per second. */
function volumeAlarms(volumeId: string): ShopAlarm[] {
  const ebs = (metricName: string) =>
    new Metric({
      namespace: 'AWS/EBS',
      metricName,
      statistic: 'Sum',
      period: fiveMinutes,
      dimensionsMap: { VolumeId: volumeId },
    });
  const perSecond = (reads: string, writes: string, label: string) =>
    new MathExpression({
      expression: `(reads + writes) / ${fiveMinutes.toSeconds()}`,
      label,
      usingMetrics: { reads: ebs(reads), writes: ebs(writes) },
      period: fiveMinutes,
    });
  return [
    {
      id: 'DiskOperations',
      what: 'The data volume handles more than 2,400 operations per second.',
      section: 'the-data-disk-is-busy',
      metric: perSecond('VolumeReadOps', 'VolumeWriteOps', 'Operations per second'),
      threshold: 0.8 * 3_000,
      periods: 3,
    },
    {
      id: 'DiskThroughput',
      what: 'The data volume transfers more than 100 MiB per second.',
      section: 'the-data-disk-is-busy',
      metric: perSecond('VolumeReadBytes', 'VolumeWriteBytes', 'Bytes per second'),
      threshold: 0.8 * 125 * 1024 * 1024,
      periods: 3,
    },
  ];
}

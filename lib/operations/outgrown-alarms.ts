import { Duration } from 'aws-cdk-lib';
import { HOST_METRICS } from '../../lambda/hosts/host-metrics';
import type { OutgrownSign } from '../phases';
import { groupMetrics, roleMetrics, writerMetrics } from './metrics';
import type { ShopAlarm } from './shop-alarm';

export interface OutgrownAlarmsOptions {
  readonly signs: readonly OutgrownSign[];
  /** Of the metrics that hosts report themselves. */
  readonly namespace: string;
  /** The group of the box, where there is one. */
  readonly boxGroupName?: string | undefined;
  /** Absent without a managed database. */
  readonly clusterId?: string | undefined;
}

/**
 * Alarms that say that the next phase is due. They look at single hours of the last week: a peak that comes each day
 * counts, however short the day, and an hour that never comes again does not (decision 0141).
 */
export function outgrownAlarms({ signs, ...options }: OutgrownAlarmsOptions): ShopAlarm[] {
  return signs.map((sign) => ({
    section: 'a-phase-is-outgrown',
    outOf: hoursOfAWeek,
    ...alarmOf[sign](options),
  }));
}

const hour = Duration.hours(1);
/** The longest time that CloudWatch evaluates. */
const hoursOfAWeek = 7 * 24;
/** Two hours of each business day. */
const busyHours = 10;
/** At half, the load may double while the step is prepared. */
const half = 50;

type Options = Omit<OutgrownAlarmsOptions, 'signs'>;
type Alarm = Omit<ShopAlarm, 'section' | 'outOf'>;

const due = (sign: string) => `Time for the next phase: ${sign} of the last week.`;

const alarmOf: Readonly<Record<OutgrownSign, (options: Options) => Alarm>> = {
  boxCpu: ({ boxGroupName = missing('a box') }) => ({
    id: 'OutgrownBoxCpu',
    what: due(`the CPU of the box was above ${half}% in ${busyHours} hours`),
    metric: groupMetrics('AWS/EC2', boxGroupName)('CPUUtilization', 'Average', hour),
    threshold: half,
    periods: busyHours,
  }),
  boxMemory: ({ namespace }) => ({
    id: 'OutgrownBoxMemory',
    what: due(`more than 80% of the memory of the box was in use in ${busyHours} hours`),
    metric: roleMetrics(namespace, 'box')(HOST_METRICS.memory, 'Average', hour),
    // Between a database that fills its buffer pool (docs/decisions/0032) and the alarm at 90%.
    threshold: 80,
    periods: busyHours,
  }),
  dataDisk: ({ namespace }) => ({
    id: 'OutgrownDataDisk',
    what: due(`more than ${half}% of the data volume was in use in ${busyHours} hours`),
    metric: roleMetrics(namespace, 'box')(HOST_METRICS.dataDisk, 'Maximum', hour),
    threshold: half,
    periods: busyHours,
  }),
  boxThread: ({ namespace }) => busyThread('Box', 'box', namespace),
  readThread: ({ namespace }) => busyThread('Read', 'read', namespace),
  writerCapacity: ({ clusterId = missing('a managed database') }) => ({
    id: 'OutgrownWriter',
    what: due(`the writer used more than ${half}% of its maximum capacity in ${busyHours} hours`),
    metric: writerMetrics(clusterId)('ACUUtilization', 'Average', hour),
    threshold: half,
    periods: busyHours,
  }),
  refusals: ({ namespace }) => ({
    id: 'OutgrownByRefusals',
    what: due('read hosts refused more than 1% of a minute in three hours'),
    metric: roleMetrics(namespace, 'read')(HOST_METRICS.refused, 'Maximum', hour),
    threshold: 1,
    periods: 3,
  }),
};

function busyThread(id: string, role: string, namespace: string): Alarm {
  return {
    id: `Outgrown${id}Thread`,
    what: due(
      `the JavaScript thread of a ${role} process worked for more than ${half}% of ${busyHours} hours`,
    ),
    metric: roleMetrics(namespace, role)(HOST_METRICS.eventLoop, 'Average', hour),
    threshold: half,
    periods: busyHours,
  };
}

function missing(part: string): never {
  throw new Error(`This phase lacks ${part}, which one of its signs of being outgrown watches`);
}

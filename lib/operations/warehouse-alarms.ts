import { Duration } from 'aws-cdk-lib';
import type { Warehouse } from '../data/warehouse/warehouse';
import { functionAlarm } from './function-alarm';
import type { ShopAlarm } from './shop-alarm';

/** A night takes half an hour of the least capacity; a statement without end takes all of the window. */
const WINDOW = Duration.hours(6);

export function warehouseAlarms(warehouse: Warehouse): ShopAlarm[] {
  const { redshift, plan } = warehouse;
  return [
    ...archiveAlarms(warehouse),
    {
      id: 'WarehouseBusy',
      what: `The warehouse computed for more than half of the last ${WINDOW.toHours()} hours, or on more units: it is paid by the second.`,
      section: 'the-warehouse-computes-too-much',
      metric: redshift.metricComputeSeconds({ period: WINDOW, statistic: 'Sum' }),
      threshold: (plan.capacity.base * WINDOW.toSeconds()) / 2,
      periods: 1,
    },
  ];
}

/** Nothing is dropped while any of these rings: rows wait in the database. */
function archiveAlarms({ archiveFunction, loadFunction, undelivered }: Warehouse): ShopAlarm[] {
  return [
    functionAlarm('ArchiveFailed', 'the-archive-stands-still', archiveFunction),
    functionAlarm('WarehouseLoadFailed', 'the-archive-stands-still', loadFunction),
    {
      id: 'ArchiveUndelivered',
      what: 'A call of the archive was given up after all repeats.',
      section: 'the-archive-stands-still',
      metric: undelivered.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: 'Maximum',
      }),
      threshold: 0,
      periods: 1,
    },
  ];
}

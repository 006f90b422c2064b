import { Stack } from 'aws-cdk-lib';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ManagedDatabase } from '../../../lib/data/managed-database';
import { databaseAlarms } from '../../../lib/operations/database-alarms';
import { uncheckedApp } from '../../support/unchecked-app';

const stack = new Stack(uncheckedApp());
const anyFunction = LambdaFunction.fromFunctionName(stack, 'Function', 'any');
/** Of 16 capacity units, which are 32 GiB of memory. */
const managed = {
  database: { clusterId: 'shop', capacity: { min: 1, max: 16 }, readers: [] },
  migrationFunction: anyFunction,
  rotationFunction: anyFunction,
} as unknown as ManagedDatabase;
const appHosts = { least: 4, most: 8, inRollout: 10, schemas: 2 };
const alarms = databaseAlarms(managed, { box: false, appHosts, functions: 0 });

test('what is left of memory, of local storage and of the volume is compared in bytes, as Aurora counts it', () => {
  const left = alarms.filter(({ id }) => /Memory|Storage|Volume/.test(id));
  expect(left).toMatchObject([
    { id: 'DatabaseMemory', threshold: 0.1 * 32 * 2 ** 30, when: 'below', metric: { statistic: 'Minimum' } },
    { id: 'DatabaseLocalStorage', threshold: 2 * 2 ** 30, when: 'below', metric: { statistic: 'Minimum' } },
    { id: 'DatabaseVolume', threshold: 10 * 2 ** 40, when: 'below', metric: { statistic: 'Minimum' } },
  ]);
});

test('a share of the CPU, or of the most units, is in percent, and that of the writer', () => {
  const busy = alarms.filter(({ id }) => /Cpu|Capacity/.test(id));
  const dimensions = { DBClusterIdentifier: 'shop', Role: 'WRITER' };
  expect(busy).toMatchObject([
    { id: 'DatabaseCpu', threshold: 80, metric: { metricName: 'CPUUtilization', dimensions } },
    { id: 'DatabaseCapacity', threshold: 90, metric: { metricName: 'ACUUtilization', dimensions } },
  ]);
});

import { Stack } from 'aws-cdk-lib';
import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnDBInstance } from 'aws-cdk-lib/aws-rds';
import { readerAlarms } from '../../../lib/operations/reader-alarms';
import { uncheckedApp } from '../../support/unchecked-app';

const stack = new Stack(uncheckedApp());
const instance = (id: string) => new CfnDBInstance(stack, id, { engine: 'aurora-mysql' });
const [writer, standby, reader] = [instance('One'), instance('Two'), instance('Three')];

test('each instance is watched by its name, since a failover makes any of them the writer', () => {
  const alarms = readerAlarms({ writer, standby, readers: [reader] });
  const watched = alarms.map(({ id, metric }) => [
    id,
    stack.resolve((metric as Metric).dimensions?.DBInstanceIdentifier).Ref,
  ]);
  expect(watched).toEqual([
    ['Instance1Cpu', 'One'],
    ['Instance1Missing', 'One'],
    ['Instance1Lag', 'One'],
    ['Instance2Cpu', 'Two'],
    ['Instance2Missing', 'Two'],
    ['Instance2Lag', 'Two'],
    ['Instance3Cpu', 'Three'],
    ['Instance3Missing', 'Three'],
    ['Instance3Lag', 'Three'],
  ]);
});

test('an instance that says nothing is missing, and one without a lag is not behind', () => {
  for (const { id, silenceIsBad = false } of readerAlarms({ writer, readers: [] }))
    expect([id, silenceIsBad]).toEqual([id, id.endsWith('Missing')]);
});

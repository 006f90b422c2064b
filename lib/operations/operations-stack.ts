import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Box } from '../compute/box/box';
import type { BoxSize } from '../compute/box/instance-types';
import type { ManagedDatabase } from '../data/managed-database';
import { AlarmTopic } from './alarm-topic';
import { boxAlarms } from './box-alarms';
import { databaseAlarms } from './database-alarms';
import { functionAlarm } from './function-alarm';
import { createAlarm } from './shop-alarm';

export interface OperationsStackProps extends StackProps {
  readonly alarmEmail?: string;
  readonly box: Box;
  readonly boxSize: BoxSize;
  readonly dataVolumeId: string;
  readonly managedDatabase?: ManagedDatabase;
  readonly certificateFunction?: IFunction;
}

/** What tells people that the shop needs them, and which part of the machine runs out first (row A3). */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    super(scope, id, props);
    const { topic } = new AlarmTopic(this, 'Alarms', props.alarmEmail);
    const { groupName } = props.box;
    const alarms = [
      ...boxAlarms({ groupName, size: props.boxSize, volumeId: props.dataVolumeId }),
      functionAlarm('ClaimFailed', 'a-box-could-not-claim-address-and-data', props.box.claim.function),
    ];
    if (props.certificateFunction) {
      alarms.push(
        functionAlarm('CertificateFailed', 'a-certificate-was-not-exported', props.certificateFunction),
      );
    }
    if (props.managedDatabase) alarms.push(...databaseAlarms(props.managedDatabase));
    for (const alarm of alarms) createAlarm(this, topic, alarm);
  }
}

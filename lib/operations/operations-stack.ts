import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { Box } from '../compute/box/box';
import type { BoxSize } from '../compute/box/instance-types';
import type { Tiers } from '../compute/tiers';
import type { ManagedDatabase } from '../data/managed-database';
import { AlarmTopic } from './alarm-topic';
import { boxAlarms } from './box-alarms';
import { databaseAlarms } from './database-alarms';
import { functionAlarm } from './function-alarm';
import { createAlarm } from './shop-alarm';
import { tierAlarms } from './tier-alarms';

export interface OperationsStackProps extends StackProps {
  readonly alarmEmail?: string;
  readonly box: Box;
  readonly boxSize: BoxSize;
  readonly dataVolumeId: string;
  readonly managedDatabase?: ManagedDatabase;
  readonly certificateFunction?: IFunction;
  /** Once there are tiers. */
  readonly tiers?: Tiers;
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
    const { managedDatabase, tiers } = props;
    if (managedDatabase) alarms.push(...databaseAlarms(managedDatabase, tiers ? appHosts(tiers) : 0));
    if (tiers) alarms.push(...tierAlarms(tiers));
    for (const alarm of alarms) createAlarm(this, topic, alarm);
  }
}

/** The groups of the app balancer are those that open connections to the database. */
function appHosts({ watched }: Tiers): number {
  const groups = watched.filter(({ id }) => id === 'App').flatMap((balancer) => balancer.groups);
  return groups.reduce((sum, { instances }) => sum + instances, 0);
}

import { Stack, type StackProps } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { EDGE_REGION } from '../names';
import { AlarmTopic } from './alarm-topic';
import { edgeAlarms, type WatchedEdge } from './edge-alarms';
import { createAlarm } from './shop-alarm';

export interface EdgeAlarmsStackProps extends StackProps {
  readonly alarmEmail?: string;
  readonly edge: WatchedEdge;
}

/** The alarms on CloudFront and WAF of a shop in another region: an alarm calls topics of its own region alone. */
export class EdgeAlarmsStack extends Stack {
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, { edge, alarmEmail, ...props }: EdgeAlarmsStackProps) {
    super(scope, id, { ...props, env: { region: EDGE_REGION }, crossRegionReferences: true });
    this.topic = new AlarmTopic(this, 'Alarms', alarmEmail).topic;
    for (const alarm of edgeAlarms(edge)) createAlarm(this, this.topic, alarm);
  }
}

import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { Canary } from './canary/canary';
import { functionAlarm } from './function-alarm';
import { Incidents } from './incidents/incidents';
import type { ShopAlarm } from './shop-alarm';
import { undeliveredAlarm } from './undelivered-alarm';

export interface OutsideProps {
  /** The shop's. */
  readonly url: string;
  /** Of the app. */
  readonly log: ILogGroup;
  /** Names of secrets. */
  readonly pagerDuty?: string | undefined;
  readonly sentry?: string | undefined;
}

interface Topics {
  readonly topic: ITopic;
  /** Of alarms in the region of the CDN, if it is another one. */
  readonly edgeTopic?: ITopic | undefined;
}

/** Everything outside of the VPC that watches the shop, or tells others about it. */
export class Outside extends Construct {
  readonly alarms: readonly ShopAlarm[];

  constructor(scope: Construct, id: string, props: OutsideProps & Topics) {
    super(scope, id);
    const alarms: ShopAlarm[] = [...new Canary(this, 'Canary', props.url).alarms];
    if (props.pagerDuty || props.sentry) {
      const incidents = new Incidents(this, 'Incidents', {
        ...props,
        alarms: props.topic,
        edgeAlarms: props.edgeTopic,
      });
      alarms.push(
        functionAlarm('IncidentsFailed', 'incidents-are-not-delivered', incidents.function),
        undeliveredAlarm(incidents.undelivered),
      );
    }
    this.alarms = alarms;
  }
}

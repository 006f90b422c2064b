import { Duration } from 'aws-cdk-lib';
import { Alarm, CfnCompositeAlarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Measured } from './bad-answers';
import { type BurnRate, badShare, burnRates } from './objectives';

export interface BurnRateAlarmsProps {
  readonly objectives: readonly Measured[];
  readonly topic: ITopic;
}

/** Two alarms for each objective: its error budget burns fast, or slowly and for long (decision 0140). */
export class BurnRateAlarms extends Construct {
  /** The ARNs of the alarms that tell people, by the id of the objective. */
  readonly alarmArns: ReadonlyMap<string, readonly string[]>;

  constructor(scope: Construct, id: string, { objectives, topic }: BurnRateAlarmsProps) {
    super(scope, id);
    this.alarmArns = new Map(
      objectives.map((objective) => [
        objective.id,
        burnRates.map((burnRate) => this.create(objective, burnRate, topic)),
      ]),
    );
  }

  private create(objective: Measured, burnRate: BurnRate, topic: ITopic): string {
    const { id, answers, target } = objective;
    const window = (name: 'Long' | 'Short', minutes: number) =>
      this.window(`${id}${burnRate.id}${name}`, objective, burnRate, minutes);
    const [long, short] = [window('Long', burnRate.longMinutes), window('Short', burnRate.shortMinutes)];
    const alarm = new CfnCompositeAlarm(this, `${id}${burnRate.id}`, {
      alarmDescription: `More than ${badShare(objective, burnRate.rate)}% of the ${answers} were errors or late in the last ${inWords(
        burnRate.longMinutes,
      )}; ${target}% of a month shall be neither. See docs/runbook.md#an-error-budget-burns`,
      alarmRule: `ALARM("${long.alarmArn}") AND ALARM("${short.alarmArn}")`,
      alarmActions: [topic.topicArn],
      okActions: [topic.topicArn],
    });
    return alarm.attrArn;
  }

  /** Tells nobody: only the alarm over both windows reads it. */
  private window(id: string, objective: Measured, burnRate: BurnRate, minutes: number) {
    return new Alarm(this, id, {
      alarmDescription: `The ${objective.answers} of the last ${inWords(minutes)}, for ${objective.id}${burnRate.id}. It tells nobody.`,
      metric: objective.badAnswers(Duration.minutes(minutes)),
      threshold: badShare(objective, burnRate.rate),
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      // Nobody asked for anything.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}

const inWords = (minutes: number): string =>
  minutes < 60 ? `${minutes} minutes` : minutes === 60 ? 'hour' : `${minutes / 60} hours`;

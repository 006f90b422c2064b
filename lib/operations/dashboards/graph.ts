import {
  Alarm,
  AlarmStatusWidget,
  GraphWidget,
  type IMetric,
  type IWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

/** Half of the width of a dashboard. */
const width = 12;

/** A graph from zero, with an explanation as its title. */
export const graph = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []): IWidget =>
  new GraphWidget({
    title,
    width,
    height: 6,
    left: [...left],
    right: [...right],
    leftYAxis: { min: 0, showUnits: false },
    rightYAxis: { min: 0, showUnits: false },
  });

/** A metric under a name for people. */
export const named = (label: string, metric: { with(props: { label: string }): IMetric }): IMetric =>
  metric.with({ label });

export const introduction = (text: string): IWidget =>
  new TextWidget({ markdown: text, width: 2 * width, height: 2 });

/** The state of alarms on objectives. @param id unique in the scope */
export const budgets = (scope: Construct, id: string, alarmArns: readonly string[]): IWidget =>
  new AlarmStatusWidget({
    title: 'Error budgets that burn',
    width: 2 * width,
    height: 3,
    alarms: alarmArns.map((arn, index) => Alarm.fromAlarmArn(scope, `${id}${index + 1}`, arn)),
  });

/** Two graphs a row. */
export const inRows = (widgets: readonly IWidget[]): IWidget[][] =>
  widgets.flatMap((widget, index) =>
    index % 2 === 0 ? [[widget, ...widgets.slice(index + 1, index + 2)]] : [],
  );

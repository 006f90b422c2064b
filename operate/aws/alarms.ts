import {
  type CloudWatchClient,
  DescribeAlarmHistoryCommand,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { paginateListSubscriptionsByTopic, type SNSClient } from '@aws-sdk/client-sns';
import { allOf } from './seen';

export interface FoundAlarms {
  readonly names: readonly string[];
  /** Of those that are on. */
  readonly on: readonly string[];
  /** Of those that call nobody. */
  readonly silent: readonly string[];
  /** Topics that they call. */
  readonly topics: readonly string[];
}

export async function alarmsOf(client: CloudWatchClient, prefix: string): Promise<FoundAlarms> {
  const pages = await allOf(
    paginateDescribeAlarms(
      { client },
      { AlarmNamePrefix: prefix, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] },
    ),
  );
  const alarms = pages.flatMap(({ MetricAlarms = [], CompositeAlarms = [] }) => [
    ...MetricAlarms,
    ...CompositeAlarms,
  ]);
  /** Windows of an objective: a composite alarm reads them by their ARNs, and calls somebody in their place. */
  const rules = pages.flatMap(({ CompositeAlarms = [] }) =>
    CompositeAlarms.map(({ AlarmRule = '' }) => AlarmRule),
  );
  const isRead = ({ AlarmName = '' }) => rules.some((rule) => rule.includes(`:alarm:${AlarmName}"`));
  const names = (some: typeof alarms) => some.map(({ AlarmName = '' }) => AlarmName);
  const actions = alarms.flatMap(({ AlarmActions = [] }) => AlarmActions);
  return {
    names: names(alarms),
    on: names(alarms.filter((alarm) => alarm.StateValue === 'ALARM' && !isRead(alarm))),
    silent: names(
      alarms.filter((alarm) => !alarm.ActionsEnabled || (!alarm.AlarmActions?.length && !isRead(alarm))),
    ),
    topics: [...new Set(actions.filter((action) => /^arn:[\w-]+:sns:/.test(action)))],
  };
}

export interface FoundSubscribers {
  readonly confirmed: number;
  /** Addresses whose owner has not clicked the link yet. */
  readonly pending: readonly string[];
}

export async function subscribersOf(client: SNSClient, topics: readonly string[]): Promise<FoundSubscribers> {
  const pages = await Promise.all(
    topics.map((TopicArn) => allOf(paginateListSubscriptionsByTopic({ client }, { TopicArn }))),
  );
  const all = pages.flat().flatMap(({ Subscriptions = [] }) => Subscriptions);
  const isConfirmed = ({ SubscriptionArn = '' }: (typeof all)[number]) => SubscriptionArn.startsWith('arn:');
  return {
    confirmed: all.filter(isConfirmed).length,
    pending: all.filter((one) => !isConfirmed(one)).map(({ Endpoint = '' }) => Endpoint),
  };
}

/** The newest call of an alarm to a topic. CloudWatch keeps thirty days. */
export interface FoundCall {
  readonly alarm: string;
  readonly at: Date;
  readonly arrived: boolean;
  /** CloudWatch's words. */
  readonly summary: string;
}

export async function newestCall(client: CloudWatchClient, prefix: string): Promise<FoundCall | undefined> {
  const { AlarmHistoryItems = [] } = await client.send(
    new DescribeAlarmHistoryCommand({
      HistoryItemType: 'Action',
      ScanBy: 'TimestampDescending',
      MaxRecords: 100,
    }),
  );
  const item = AlarmHistoryItems.find(
    ({ AlarmName = '', HistorySummary = '' }) =>
      AlarmName.startsWith(prefix) && HistorySummary.includes(':sns:'),
  );
  if (!item?.Timestamp) return undefined;
  const { AlarmName: alarm = '', Timestamp: at, HistorySummary: summary = '' } = item;
  return { alarm, at, summary, arrived: summary.startsWith('Successfully') };
}

import { createHash } from 'node:crypto';
import { post } from './post.steps';

/** The part that is used of CloudWatch's message about an alarm. */
export interface AlarmMessage {
  readonly AlarmName: string;
  readonly AlarmDescription?: string | null;
  readonly AlarmArn: string;
  readonly NewStateValue: 'ALARM' | 'OK' | 'INSUFFICIENT_DATA';
  readonly NewStateReason: string;
  readonly StateChangeTime: string;
}

export interface PagerDuty {
  /** The integration key of a service, for the Events API v2. */
  readonly key: string;
  /** Default: PagerDuty's in the US. `https://events.eu.pagerduty.com` for accounts in the EU. */
  readonly endpoint?: string;
}

/** The limits of the Events API. */
const MOST = { dedupKey: 255, summary: 1024 } as const;

/**
 * An alarm is one incident, however often it is reported, until the alarm is OK again. Undefined for states that concern
 * nobody.
 */
function pagerDutyEvent(key: string, alarm: AlarmMessage): object | undefined {
  const { AlarmName, AlarmDescription, AlarmArn, NewStateValue, NewStateReason, StateChangeTime } = alarm;
  const common = { routing_key: key, dedup_key: dedupKey(AlarmArn) };
  if (NewStateValue === 'OK') return { ...common, event_action: 'resolve' };
  if (NewStateValue !== 'ALARM') return undefined;
  const region = AlarmArn.split(':')[3] ?? '';
  return {
    ...common,
    event_action: 'trigger',
    payload: {
      summary: `${AlarmName}: ${AlarmDescription || NewStateReason}`.slice(0, MOST.summary),
      source: `CloudWatch ${region}`,
      severity: 'error',
      timestamp: new Date(StateChangeTime).toISOString(),
      custom_details: { reason: NewStateReason },
    },
    links: [
      {
        href: `https://console.aws.amazon.com/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(AlarmName)}`,
        text: 'The alarm in CloudWatch',
      },
    ],
  };
}

/** The alarm's ARN, or a hash of it where it is too long. */
const dedupKey = (arn: string): string =>
  arn.length <= MOST.dedupKey ? arn : createHash('sha256').update(arn).digest('hex');

const US = 'https://events.pagerduty.com';

/** @throws NotDeliveredError */
export async function reportAlarm(alarm: AlarmMessage, { key, endpoint = US }: PagerDuty): Promise<void> {
  const event = pagerDutyEvent(key, alarm);
  if (!event) return;
  await post(new URL('/v2/enqueue', endpoint), JSON.stringify(event), { 'Content-Type': 'application/json' });
}

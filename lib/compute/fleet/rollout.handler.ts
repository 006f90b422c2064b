import { setTimeout as wait } from 'node:timers/promises';
import { whenAllowed } from '../../custom-resource/when-allowed';
import {
  type Deploy,
  decideHostHealth,
  type HostHealthDecision,
  type Look,
  type Pace,
  usualPace,
} from './host-health-decision';
import {
  cancelRefresh,
  deployOf,
  type Group,
  groupNamed,
  groupWithAlarm,
  lookAt,
  signal,
} from './rollout.steps';

/** The EventBridge event "EC2 Instance Launch Successful". */
export interface LaunchedEvent {
  readonly time: string;
  readonly detail: { readonly EC2InstanceId: string; readonly AutoScalingGroupName: string };
}

/** The EventBridge event "CloudWatch Alarm State Change", to the state ALARM. */
export interface AlarmEvent {
  readonly detail: { readonly alarmName: string };
}

/** Lets a new host stay, or ends the roll-out because of it or of an alarm: CloudFormation then rolls the deploy back. */
export async function handler(
  event: LaunchedEvent | AlarmEvent,
  _context?: unknown,
  pace: Pace = usualPace,
): Promise<void> {
  await ('alarmName' in event.detail
    ? alarmFired(event.detail.alarmName)
    : launched(event as LaunchedEvent, pace));
}

async function launched({ time, detail }: LaunchedEvent, pace: Pace): Promise<void> {
  const host = detail.EC2InstanceId;
  // The first host comes seconds after the permissions, which each service learns of at a moment of its own.
  const group = await whenAllowed(() => groupNamed(detail.AutoScalingGroupName));
  const say = saying({ host, group: group.logicalId });
  let deploy: Deploy | undefined;
  let verdict: HostHealthDecision | undefined;
  const looks: Look[] = [];
  try {
    deploy = await whenAllowed(() => deployOf(group));
    if (!deploy) return say('No deploy is in progress: no signal is needed.');
    for (;;) {
      looks.push(await whenAllowed(() => lookAt(group, host)));
      verdict = decideHostHealth(looks, { ...deploy, launched: new Date(time) }, pace);
      if (verdict) break;
      await wait(pace.pause);
    }
    say(verdict.stays ? 'The host stays.' : `The host is refused: ${verdict.reason}.`);
  } catch (error) {
    // CloudFormation would wait for a quarter of an hour, and then do the same.
    await judged(group, { host, stays: false, deploy }, say);
    throw error;
  }
  await judged(group, { host, stays: verdict.stays, deploy }, say);
}

interface Judged {
  readonly host: string;
  readonly stays: boolean;
  /** The deploy that launched the host; undefined if that was not seen. */
  readonly deploy: Deploy | undefined;
}

/** A rollback that began meanwhile must not take the verdict on a host that it replaces as one on its own hosts. */
async function judged(group: Group, { host, stays, deploy }: Judged, say: Say): Promise<void> {
  const now = await whenAllowed(() => deployOf(group));
  if (!now || (deploy && !isSame(now, deploy))) return say('The deploy that launched the host is over.');
  if (!(await whenAllowed(() => signal(group, host, stays)))) say('No signal was awaited.');
  if (stays) return;
  // CloudFormation takes signals of a refresh as well, and ignores them.
  await endRefresh(group, now, say);
}

const isSame = (one: Deploy, other: Deploy): boolean =>
  one.rollingBack === other.rollingBack && one.began.getTime() === other.began.getTime();

/** Late faults count too, until the bake time of the last hosts ends. */
async function alarmFired(alarmName: string): Promise<void> {
  const group = await whenAllowed(() => groupWithAlarm(alarmName));
  if (!group) return;
  const say = saying({ alarm: alarmName, group: group.logicalId });
  const deploy = await whenAllowed(() => deployOf(group));
  if (!deploy) return say('No deploy is in progress: there is nothing to end.');
  await endRefresh(group, deploy, say);
}

/** A rollback goes on: what goes may have set off the alarm, and a rollback that is ended leaves the stack stuck. */
async function endRefresh(group: Group, { rollingBack }: Deploy, say: Say): Promise<void> {
  if (!group.refreshed) return;
  if (rollingBack) return say('The deploy is rolling back: it goes on.');
  const ended = await whenAllowed(() => cancelRefresh(group));
  say(ended ? 'The instance refresh is cancelled.' : 'No instance refresh is under way.');
}

type Say = (what: string) => void;

const saying =
  (about: Readonly<Record<string, string>>): Say =>
  (what) =>
    console.log(JSON.stringify({ ...about, what }));

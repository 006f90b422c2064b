import { setTimeout as wait } from 'node:timers/promises';
import { deployOf, groupNamed, lookAt, signal } from './rollout.steps';
import { judge, type Look, type Pace, usualPace, type Verdict } from './verdict';

/** EventBridge's "EC2 Instance Launch Successful". */
export interface LaunchedEvent {
  readonly time: string;
  readonly detail: { readonly EC2InstanceId: string; readonly AutoScalingGroupName: string };
}

/** Says to CloudFormation whether a new host may stay; a deploy that brings a bad one ends there and is undone. */
export async function handler(
  { time, detail }: LaunchedEvent,
  _context?: unknown,
  pace: Pace = usualPace,
): Promise<void> {
  const host = detail.EC2InstanceId;
  const group = await groupNamed(detail.AutoScalingGroupName);
  const say = (what: string) => console.log(JSON.stringify({ host, group: group.logicalId, what }));
  let awaited = true;
  let verdict: Verdict | undefined;
  const looks: Look[] = [];
  try {
    const deploy = await deployOf(group);
    awaited = deploy !== undefined;
    if (!deploy) return say('No deploy is going on: nobody waits for this host.');
    for (;;) {
      looks.push(await lookAt(group, host));
      verdict = judge(looks, { ...deploy, launched: new Date(time) }, pace);
      if (verdict) break;
      await wait(pace.pause);
    }
    say(verdict.stays ? 'It stays.' : `It is refused: ${verdict.reason}.`);
  } finally {
    // Even when looking failed: CloudFormation would wait for a quarter of an hour, and then do the same.
    if (awaited && !(await signal(group, host, verdict?.stays ?? false))) say('Nobody waited for it.');
  }
}

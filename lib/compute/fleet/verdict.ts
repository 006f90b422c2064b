/** What CloudFormation is doing to the stack of a group. */
export interface Deploy {
  readonly began: Date;
  /** Whether it is undoing a deploy. */
  readonly rollingBack: boolean;
}

/** What was seen of a host and of its group's alarm at one moment. */
export interface Look {
  readonly at: Date;
  /** In the balancer's words: `initial`, `healthy`, `unhealthy` and so on, with the reason if there is one. */
  readonly target: { readonly state: string; readonly reason?: string };
  /** When the alarm went on; undefined while it is off. */
  readonly alarmSince?: Date;
}

/** In milliseconds. */
export interface Pace {
  /** How long a new host may take until it is healthy. */
  readonly patience: number;
  /** How long it is watched from then on. */
  readonly watch: number;
  /** Between two looks. */
  readonly pause: number;
}

/** A boot takes about three minutes; CloudWatch shows a balancer's minute up to two minutes after it has passed. */
export const usualPace: Pace = { patience: 9 * 60_000, watch: 3 * 60_000, pause: 10_000 };

export type Verdict = { readonly stays: true } | { readonly stays: false; readonly reason: string };

/**
 * Whether a host may stay, from everything seen of it so far; undefined: look again. On the way back being healthy is
 * enough: the alarm may be on because of the release that is going.
 */
export function judge(
  looks: readonly Look[],
  { launched, began, rollingBack }: Deploy & { readonly launched: Date },
  { patience, watch }: Pace,
): Verdict | undefined {
  const last = looks.at(-1);
  if (!last) return undefined;
  const { state, reason = 'no reason given' } = last.target;
  const healthy = looks.find(({ target }) => target.state === 'healthy');
  if (!healthy) {
    if (since(launched, last.at) < patience) return undefined;
    return refused(`${patience / 1000} seconds after its launch it is ${state} (${reason})`);
  }
  if (state !== 'healthy') return refused(`it was healthy and is ${state} (${reason})`);
  if (rollingBack) return { stays: true };
  // One that was on before the deploy must not stand in the way of what mends it.
  if (last.alarmSince && last.alarmSince >= began) {
    return refused(`the alarm of its group went on at ${last.alarmSince.toISOString()}`);
  }
  return since(healthy.at, last.at) >= watch ? { stays: true } : undefined;
}

function since(before: Date, now: Date): number {
  return now.getTime() - before.getTime();
}

function refused(reason: string): Verdict {
  return { stays: false, reason };
}

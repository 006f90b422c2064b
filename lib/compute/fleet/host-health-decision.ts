/** CloudFormation's current operation on the stack of a group. */
export interface Deploy {
  readonly began: Date;
  /** True during a rollback. */
  readonly rollingBack: boolean;
}

/** One observation of a host and of its group's alarm. */
export interface Look {
  readonly at: Date;
  /** As the balancer reports it: `initial`, `healthy`, `unhealthy` and so on, with a reason if there is one. */
  readonly target: { readonly state: string; readonly reason?: string };
  /** The time at which the alarm fired; undefined while it is off. */
  readonly alarmSince?: Date;
}

/** In milliseconds. */
export interface Pace {
  /** Time for a new host to become healthy. */
  readonly patience: number;
  /** Time for which it is watched after that. */
  readonly watch: number;
  /** Time between two observations. */
  readonly pause: number;
}

/** A boot takes about three minutes; CloudWatch publishes a balancer's metrics up to two minutes late. */
export const usualPace: Pace = { patience: 9 * 60_000, watch: 3 * 60_000, pause: 10_000 };

export type HostHealthDecision =
  | { readonly stays: true }
  | { readonly stays: false; readonly reason: string };

/**
 * Decides by all observations so far if a host may stay; undefined if it is too early. In a rollback being healthy is
 * enough: the alarm may be on because of the release that is rolled back.
 */
export function decideHostHealth(
  looks: readonly Look[],
  { launched, began, rollingBack }: Deploy & { readonly launched: Date },
  { patience, watch }: Pace,
): HostHealthDecision | undefined {
  const last = looks.at(-1);
  if (!last) return undefined;
  const { state, reason = 'no reason given' } = last.target;
  const healthy = looks.find(({ target }) => target.state === 'healthy');
  if (!healthy) {
    if (since(launched, last.at) < patience) return undefined;
    return refused(`it is ${state} (${reason}) ${patience / 1000} seconds after its launch`);
  }
  if (state !== 'healthy') return refused(`it was healthy and is ${state} (${reason})`);
  if (rollingBack) return { stays: true };
  // An alarm from before the deploy must not block the release that fixes it.
  if (last.alarmSince && last.alarmSince >= began) {
    return refused(`the alarm of its group fired at ${last.alarmSince.toISOString()}`);
  }
  return since(healthy.at, last.at) >= watch ? { stays: true } : undefined;
}

function since(before: Date, now: Date): number {
  return now.getTime() - before.getTime();
}

function refused(reason: string): HostHealthDecision {
  return { stays: false, reason };
}

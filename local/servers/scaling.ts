import { SETTING } from '../../lambda/shared/runtime/settings';
import type { GroupName, Phase } from '../../lib/phases';
import type { Row } from '../banner';
import { scalingOf } from '../phase';
import type { AppGroup } from './app-group';
import type { Host } from './host';
import { LOCAL_SIZES, localPlan, MINUTE_MS, startScaler } from './scaler';

/** Of ten characters at most. */
export const GROUP_NAMES: Readonly<Record<GroupName, string>> = {
  read: 'Read API',
  write: 'Write API',
  usersRead: 'User reads',
  usersWrite: 'User edits',
};

export const SCALING_ROW: Row = [
  'Scaling',
  `each group has ${LOCAL_SIZES.minimum} to ${LOCAL_SIZES.maximum} processes, by their load;`,
  `a minute of their policies lasts ${MINUTE_MS / 1000} s here. Try npm run load`,
];

/** Settings for the metric by which a group scales, twice in each of its minutes. */
export const metricSettings = (phase: Phase, name: GroupName) =>
  scalingOf(phase, name) && {
    [SETTING.hostRole]: name,
    [SETTING.metricsInterval]: String(MINUTE_MS / 2000),
  };

/**
 * Starts a scaler for each group that scales in this phase. Returns their stop function; undefined if none does.
 * @param route passes requests on to the present processes of all groups
 */
export function startScalers(
  { say, servers }: Host,
  phase: Phase,
  groups: readonly AppGroup[],
  route: () => Promise<void>,
): (() => Promise<void>) | undefined {
  const routeInTurn = inTurn(route);
  const stops = groups.flatMap((group) => {
    const plan = scalingOf(phase, group.name);
    if (!plan) return [];
    const options = { group, plan: localPlan(plan), name: GROUP_NAMES[group.name], route: routeInTurn };
    return [startScaler({ ...options, say, giveUp: servers.giveUp })];
  });
  if (stops.length === 0) return undefined;
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** Runs one call at a time. */
function inTurn(work: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}

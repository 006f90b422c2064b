import { startPeriodicTask } from '../../shared/jobs/periodic-task';
import type { Logger } from '../../shared/runtime/log';
import type { Marker, Placement } from '../placement/placement';

/** For reads of replicas, which no fence of their primary stops at once. */
const EVERY_MS = 1000;

/** A process that uses the data and does not move it. */
export interface Follower<At extends string> {
  current(): At;
  /** Reads the marker again. Concurrent calls share one read. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

/** Reads the marker each second, until the way back is closed: then nothing changes any more. */
export async function followPlacement<At extends string>(
  marker: Pick<Marker<At>, 'read'>,
  first: Placement<At>,
  log: Logger,
  everyMs = EVERY_MS,
): Promise<Follower<At>> {
  const load = async () => (await marker.read())?.placement ?? first;
  let placement = await load();
  let loading: Promise<void> | undefined;
  const refresh = () => {
    loading ??= load()
      .then((found) => {
        if (found.data !== placement.data) log.info({ data: found.data }, 'following the users');
        placement = found;
      })
      .finally(() => {
        loading = undefined;
      });
    return loading;
  };
  const stop = startPeriodicTask(
    async () => {
      if (!placement.closed) await refresh();
    },
    log,
    everyMs,
  );
  return { current: () => placement.data, refresh, stop };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { decide, type MinuteOfMetrics } from '../../lib/scaling/policy-decisions';
import type { ScalingPlan } from '../../lib/scaling/scaling-plan';
import { vCpus } from '../../lib/scaling/vcpus';
import type { App } from './app';
import type { AppGroup } from './app-group';
import { followEventLoop } from './custom-metric';
import { followCpu } from './process-cpu';

/** A minute of the policies, so that a group grows within ten seconds and shrinks within one minute. */
export const MINUTE_MS = 2000;
/** As many processes as one machine bears. */
export const LOCAL_SIZES = { minimum: 2, maximum: 4 } as const;
const MINUTES_KEPT = 15;

export function localPlan({ businessHours, ...plan }: ScalingPlan): ScalingPlan {
  return { ...plan, ...LOCAL_SIZES };
}

/** Returns the metrics of a process since the last call. Without any, the data are insufficient, and nothing is idle. */
type Follow = () => Pick<MinuteOfMetrics, 'eventLoopPercent' | 'cpuPercent'>;

export interface ScalerOptions {
  readonly group: AppGroup;
  readonly plan: ScalingPlan;
  /** Shown to people. */
  readonly name: string;
  readonly say: (line: string) => void;
  /** Ends the shop, for a process that does not start. */
  readonly giveUp: (why: string) => void;
  /** Passes requests on to the present processes of all groups, and resolves once none goes to another process. */
  readonly route: () => Promise<void>;
  /** Default: its log, and the CPU time of the process. */
  readonly follow?: (app: App) => Follow;
  readonly minuteMs?: number;
}

/**
 * Adds and removes processes of a group by the policies of its plan, once a minute. Returns the stop function. A process
 * stands for a host with the cores of the plan's instance type.
 */
export function startScaler(options: ScalerOptions): () => Promise<void> {
  const { group, plan, name, say, giveUp, route, minuteMs = MINUTE_MS } = options;
  const follow = options.follow ?? followProcess(vCpus(plan.instanceType));
  const warmUpMs = (plan.warmUpSeconds / 60) * minuteMs;
  const hosts = new Map(group.apps.map((app) => [app, { warmAt: 0, metric: follow(app) }]));
  const stopped = new AbortController();
  const minutes: MinuteOfMetrics[] = [];
  let minutesUnchanged = 0;

  const oneMinute = async () => {
    const warm = [...hosts.values()].filter(({ warmAt }) => warmAt <= performance.now());
    minutes.push(averaged(warm.map(({ metric }) => metric())));
    minutes.splice(0, minutes.length - MINUTES_KEPT);
    minutesUnchanged++;
    const from = group.apps.length;
    const state = { size: from, warm: warm.length, minutesUnchanged };
    const { size, because } = decide(plan, state, minutes, new Date());
    if (size === from) return;
    say(`${name} ${from} → ${size}: ${because}`);
    minutesUnchanged = 0;
    await resize(size);
  };
  const resize = async (size: number) => {
    const left = await group.resize(size);
    await route();
    for (const app of left) hosts.delete(app);
    for (const app of group.apps) {
      if (!hosts.has(app)) hosts.set(app, { warmAt: performance.now() + warmUpMs, metric: follow(app) });
    }
    await Promise.all(left.map((app) => app.end()));
  };
  const run = async () => {
    while (!stopped.signal.aborted) {
      await sleep(minuteMs, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      await oneMinute().catch((error: Error) => giveUp(error.message));
    }
  };

  const running = run();
  return async () => {
    stopped.abort();
    await running;
  };
}

const followProcess =
  (cores: number) =>
  (app: App): Follow => {
    const [eventLoop, cpu] = [followEventLoop(app.log), followCpu(app, cores)];
    return () => {
      const eventLoopPercent = eventLoop();
      // A system without /proc: the thread that runs JavaScript is most of it.
      const cpuPercent = cpu() ?? eventLoopPercent;
      return {
        ...(eventLoopPercent !== undefined && { eventLoopPercent }),
        ...(cpuPercent !== undefined && { cpuPercent }),
      };
    };
  };

/** Without a metric for which no process has a value. */
function averaged(minutes: readonly MinuteOfMetrics[]): MinuteOfMetrics {
  const average = (name: 'eventLoopPercent' | 'cpuPercent') => {
    const known = minutes.map((minute) => minute[name]).filter((value) => value !== undefined);
    return known.length > 0 && { [name]: known.reduce((sum, value) => sum + value, 0) / known.length };
  };
  return { ...average('eventLoopPercent'), ...average('cpuPercent') };
}

import { decide, type MinuteOfMetrics, minimumAt } from '../../lib/scaling/policy-decisions';
import type { ScalingPlan } from '../../lib/scaling/scaling-plan';
import ASSUMED from './assumptions.json';
import { PRICES, type Tier } from './fleet';
import type { Scenario } from './scenarios';

/** Averages of one minute; rates are a second. */
export interface SimulatedMinute {
  readonly minute: number;
  /** Hosts that are wanted, and those that answer. */
  readonly size: number;
  readonly serving: number;
  readonly offered: number;
  /** Refused for lack of hosts, or sent to hosts that were gone. */
  readonly shed: number;
  readonly cpuPercent: number;
  readonly p95Seconds: number;
  /** Bytes that a host sends. */
  readonly bytesOut: number;
}

export interface Simulated {
  readonly minutes: readonly SimulatedMinute[];
  readonly usd: number;
}

const TICK = 10;

/** One group under a load, which reaches all its hosts evenly. */
export function simulate(tier: Tier, plan: ScalingPlan, scenario: Scenario): Simulated {
  const group = new Group(tier, plan, scenario);
  const minutes = Array.from({ length: scenario.minutes }, (_, minute) => group.pass(minute));
  return { minutes, usd: (group.hostSeconds / 3600) * (PRICES[plan.instanceType] ?? Number.NaN) };
}

interface Host {
  readonly launched: number;
  readonly old: boolean;
}
const newHost = (launched: number): Host => ({ launched, old: false });

class Group {
  hostSeconds = 0;
  private size: number;
  private hosts: Host[];
  private changed = Number.NEGATIVE_INFINITY;
  private backlog = 0;
  private repeated = 0;
  private launchesFrom = 0;
  /** New hosts of a release beyond the size; as many old ones go when those have proved themselves. */
  private batch: { readonly hosts: number; readonly ready: number } | undefined;
  private readonly metrics: MinuteOfMetrics[] = [];

  constructor(
    private readonly tier: Tier,
    private readonly plan: ScalingPlan,
    private readonly scenario: Scenario,
  ) {
    const atHalf = Math.ceil((scenario.load(0).rate * tier.cpuSeconds) / tier.cores / 0.5);
    this.size = Math.min(plan.maximum, Math.max(minimumAt(plan, scenario.start), atHalf));
    this.hosts = Array.from({ length: this.size }, () => newHost(Number.NEGATIVE_INFINITY));
  }

  pass(minute: number): SimulatedMinute {
    const ticks = Array.from({ length: 60 / TICK }, (_, at) => this.tick(minute * 60 + at * TICK));
    const mean = (key: keyof (typeof ticks)[number]) =>
      ticks.reduce((sum, tick) => sum + tick[key], 0) / ticks.length;
    const end = (minute + 1) * 60;
    const [size, serving] = [this.size, this.olderThan(ASSUMED.boot.value, end)];
    const host = { cpuPercent: mean('cpu') * 100, p95Seconds: mean('p95') };
    this.metrics.push({
      ...host,
      eventLoopPercent: mean('thread') * 100,
      requestsPerMinute: (mean('offered') * 60) / Math.max(1, serving),
      networkOutBytesPerMinute: mean('bytesOut') * 60,
    });
    this.resize(end);
    const load = { offered: mean('offered'), shed: mean('shed'), bytesOut: mean('bytesOut') };
    return { minute, size, serving, ...host, ...load };
  }

  private tick(second: number) {
    const { zoneFails = Number.POSITIVE_INFINITY, release } = this.scenario;
    if (second === zoneFails) {
      this.hosts.splice(0, Math.ceil(this.hosts.length / 3));
      this.launchesFrom = second + ASSUMED.replacement.value;
    }
    if (second === release?.second) this.hosts = this.hosts.map((host) => ({ ...host, old: true }));
    this.replaceOld(second);
    const wanted = this.size + (this.batch?.hosts ?? 0);
    while (this.hosts.length > wanted) this.terminate();
    while (this.hosts.length < wanted && second >= this.launchesFrom) this.hosts.push(newHost(second));
    this.hostSeconds += this.hosts.length * TICK;
    const isUndetected = second >= zoneFails && second < zoneFails + ASSUMED.detection.value;
    return this.serve(second, isUndetected ? 1 / 3 : 0);
  }

  private replaceOld(second: number): void {
    if (this.batch && second >= this.batch.ready) {
      for (let left = this.batch.hosts; left > 0; left--) this.terminate();
      this.batch = undefined;
    }
    const old = this.hosts.filter((host) => host.old).length;
    if (this.batch || old === 0) return;
    const hosts = Math.min(old, Math.ceil(this.size / ASSUMED.refresh.value));
    this.batch = { hosts, ready: second + ASSUMED.part.value };
    this.changed = second;
  }

  /** Hosts of the old release go first, then the oldest. */
  private terminate(): void {
    const old = this.hosts.findIndex((host) => host.old);
    this.hosts.splice(Math.max(0, old), 1);
  }

  private olderThan(age: number, second: number): number {
    return this.hosts.filter(({ launched }) => launched + age <= second).length;
  }

  /** @param gone share of the requests that reach hosts that are gone */
  private serve(second: number, gone: number) {
    const { rate, cost = 1, threadCost = cost, bytes = 1, answered = 1 } = this.scenario.load(second);
    const { cores, usesDatabase, bytesOut } = this.tier;
    const [cpuSeconds, threadSeconds] = [this.tier.cpuSeconds * cost, this.tier.threadSeconds * threadCost];
    const hosts = Math.max(this.olderThan(ASSUMED.boot.value, second), 1e-9);
    const capacity = hosts * Math.min(cores / cpuSeconds, 1 / threadSeconds);
    const offered = rate + this.repeated;
    const unanswered = usesDatabase ? offered * (1 - gone) * (1 - answered) : 0;
    const work = (offered * (1 - gone) - unanswered) * TICK + this.backlog;
    const served = Math.min(work, capacity * TICK) / TICK;
    this.backlog = Math.min(work - served * TICK, capacity * ASSUMED.queue.value);
    const refused = (work - this.backlog) / TICK - served;
    this.repeated = (refused + unanswered) * ASSUMED.repeats.value;
    const done = served + (refused + unanswered) * ASSUMED.refusal.value;
    // A queue with one server: 95 of 100 requests take at most three times the mean.
    const p95 = (3 * Math.max(cpuSeconds, threadSeconds)) / (1 - Math.min(0.98, served / capacity));
    return {
      offered,
      shed: refused + offered * gone,
      cpu: Math.min(1, (done * cpuSeconds) / hosts / cores),
      thread: Math.min(1, (done * threadSeconds) / hosts),
      p95: p95 + this.backlog / capacity + (unanswered > 0 ? ASSUMED.slowAnswer.value : 0),
      bytesOut: (served * bytesOut * bytes) / hosts,
    };
  }

  private resize(second: number): void {
    if (this.scenario.release?.suspends && this.hosts.some((host) => host.old)) return;
    const known = second - ASSUMED.metrics.value;
    const group = {
      size: this.size,
      warm: Math.min(this.size, this.olderThan(this.plan.warmUpSeconds, second)),
      minutesUnchanged: Math.floor((known - this.changed) / 60),
    };
    const minutes = this.metrics.slice(Math.max(0, known / 60 - 15), Math.max(0, known / 60));
    const now = new Date(this.scenario.start.getTime() + second * 1000);
    const { size } = decide(this.plan, group, minutes, now);
    if (size !== this.size) this.changed = second;
    this.size = size;
  }
}

import { seeded } from '../load/random';
import { describeFault, type Fault, type Part } from './faults';
import { createNetwork } from './network';
import { type Plan, planOf } from './plan';
import { openCluster, type RecordedCluster } from './recorded-cluster';
import type { RecordedServers } from './recorded-schema';
import { type Outcome, subjects } from './run';
import type { Wiring } from './shop';
import type { World } from './world';

/**
 * A plan for a real server, which stands still for nobody: without the faults that need a simulated one, in a few
 * seconds. Its clients are cut off and repeat themselves as ever, processes end, and connections are ended.
 */
export function recordedPlan(seed: number, { replicas = [] }: Partial<RecordedServers> = {}): Plan {
  const plan = planOf(seed);
  const possible = plan.faults.filter((fault) => IS_POSSIBLE[fault.kind]?.(fault) ?? false);
  const from = 600 + (seed % 7) * 150;
  // Bounds are those of histories with faults: a busy machine is late by itself.
  const faults: readonly Fault[] = [...possible, { kind: 'failover', from, until: from + 1 }];
  const shape = {
    ...plan.shape,
    replicas: Math.min(plan.shape.replicas, replicas.length),
    quietMs: plan.subject === 'photos' ? PHOTOS_QUIET_MS : QUIET_MS,
  };
  return { ...plan, faults, shape };
}

const QUIET_MS = 1500;
/** So long after a process ended, another one has taken up its photos, by the clocks of the shop. */
const PHOTOS_QUIET_MS = 40 * 60_000;

const always = () => true;
const BESIDE: ReadonlySet<Part> = new Set(['clients', 'cache', 'table', 'queue', 'blobs']);
const isBeside = (fault: Fault) => 'part' in fault && fault.part !== undefined && BESIDE.has(fault.part);
const IS_POSSIBLE: Readonly<Partial<Record<Fault['kind'], (fault: Fault) => boolean>>> = {
  ...{ crash: always, duplicates: always, 'cache loss': always, 'wrong clock': always },
  ...{ partition: isBeside, 'lost answers': isBeside, 'lost requests': isBeside, slow: isBeside },
};

/** Runs a plan in real time, with the statements at real servers, and judges it as those of the simulator. */
export async function record(plan: Plan, servers: RecordedServers, wiring: Wiring = {}): Promise<Outcome> {
  const { migrations, isDivided, run } = subjects[plan.subject];
  // Each process that a fault may end is followed by another one.
  const { writers, readers, movers } = plan.shape;
  const processes = writers + readers + movers + plan.faults.length;
  const world = realWorld(plan.seed);
  const opened: RecordedCluster[] = [];
  try {
    for (let count = 0; count < (isDivided ? 2 : 1); count++)
      opened.push(await openCluster(servers, { migrations, processes, replicas: plan.shape.replicas }));
    const [first, second] = opened;
    if (!first) throw new Error('A subject has a database');
    const network = createNetwork(
      world,
      plan.faults.filter(({ kind }) => kind !== 'failover'),
    );
    world.begin();
    for (const { kind, from } of plan.faults)
      if (kind === 'failover')
        world.at(from, () => void Promise.all(opened.map((each) => each.endConnections())));
    const setting = { world, network, cluster: first.cluster, second: second?.cluster, plan, wiring };
    const { lines, verdict, others } = await run(setting);
    const text = [...plan.faults.map(describeFault), ...lines, ...others].join('\n');
    const { calls, wrong, undecided } = verdict;
    return { text, calls, wrong: [...wrong, ...others], undecided: undecided.length };
  } finally {
    for (const each of opened) await each.drop();
  }
}

/** Longer waits are skipped by its clock, and last a while all the same. */
const LONGEST_WAIT_MS = 60_000;
const AFTER_A_SKIP_MS = 8000;

/** A world whose time is that of the machine, from `begin` on. */
function realWorld(seed: number): World & { begin(): void } {
  let began = performance.now();
  let events = 0;
  let skipped = 0;
  const now = () => performance.now() - began + skipped;
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const at = (ms: number, work: () => void) =>
    void setTimeout(
      () => {
        events++;
        work();
      },
      Math.max(0, ms - now()),
    ).unref();
  return {
    begin: () => {
      began = performance.now();
    },
    now,
    at,
    after: async (ms) => {
      if (ms < LONGEST_WAIT_MS) return sleep(ms);
      skipped += ms - AFTER_A_SKIP_MS;
      await sleep(AFTER_A_SKIP_MS);
    },
    random: (name) =>
      seeded([...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed)),
    events: () => events,
  };
}

/** Histories of all subjects, so many at a time, until the seconds have passed. */
export async function recordAll(
  servers: RecordedServers,
  { from, seconds }: { readonly from: number; readonly seconds: number },
  report: (seed: number, outcome: Outcome) => void,
): Promise<void> {
  const until = performance.now() + 1000 * seconds;
  let next = from;
  const one = async () => {
    while (performance.now() < until) {
      const plan = recordedPlan(next++, servers);
      report(plan.seed, await record(plan, servers));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
}

const AT_A_TIME = 4;

import { migrate } from '../../lambda/shared/sql/migrations';
import type { Sql, Statements } from '../../lambda/shared/sql/sql';
import { seeded } from '../load/random';
import type { Cluster } from './cluster';
import { describeFault, type Fault } from './faults';
import { createNetwork, type Host } from './network';
import { type Plan, planOf } from './plan';
import { createSchema } from './recorded-schema';
import { type Outcome, subjects } from './run';
import type { Wiring } from './shop';
import type { World } from './world';

/**
 * A plan for a real server, which stands still for nobody: without the faults that need a simulated one, in a few
 * seconds. Its clients are cut off and repeat themselves as ever, processes end, and connections are ended.
 */
export function recordedPlan(seed: number): Plan {
  const plan = planOf(seed);
  const possible = plan.faults.filter((fault) => IS_POSSIBLE[fault.kind]?.(fault) ?? false);
  const from = 600 + (seed % 7) * 150;
  // Bounds are those of histories with faults: a busy machine is late by itself.
  const faults: readonly Fault[] = [...possible, { kind: 'failover', from, until: from + 1 }];
  return { ...plan, faults, shape: { ...plan.shape, replicas: 0, movers: 0, quietMs: QUIET_MS } };
}

const QUIET_MS = 1500;

const always = () => true;
const isBeside = (fault: Fault) => 'part' in fault && (fault.part === 'clients' || fault.part === 'cache');
const IS_POSSIBLE: Readonly<Partial<Record<Fault['kind'], (fault: Fault) => boolean>>> = {
  ...{ crash: always, duplicates: always, 'cache loss': always, 'wrong clock': always },
  ...{ partition: isBeside, 'lost answers': isBeside, 'lost requests': isBeside, slow: isBeside },
};

/**
 * Runs a plan in real time, with the statements at a real server, and judges it as those of the simulator.
 * @param server as in `createSchema`
 */
export async function record(plan: Plan, server: string, wiring: Wiring = {}): Promise<Outcome> {
  const schema = await createSchema(server);
  const { migrations, run } = subjects[plan.subject];
  const pools: Sql[] = [];
  const open = async () => {
    const pool = await schema.open();
    pools.push(pool);
    return pool;
  };
  try {
    const direct = await open();
    await migrate(direct, migrations);
    // Each process that a fault may end is followed by another one.
    const processes = plan.shape.writers + plan.shape.readers + plan.faults.length;
    const spare = await Promise.all(Array.from({ length: processes }, open));
    const world = realWorld(plan.seed);
    const network = createNetwork(
      world,
      plan.faults.filter(({ kind }) => kind !== 'failover'),
    );
    const cluster: Cluster = {
      direct,
      from: (host) => ofHost(spare.pop() ?? direct, host),
      replicaFrom: () => {
        throw new Error('There is no replica');
      },
    };
    for (const { kind, from } of plan.faults)
      if (kind === 'failover') world.at(from, () => void schema.endConnections());
    const { lines, verdict, others } = await run({ world, network, cluster, plan, wiring });
    const text = [...plan.faults.map(describeFault), ...lines, ...others].join('\n');
    const { calls, wrong, undecided } = verdict;
    return { text, calls, wrong: [...wrong, ...others], undecided: undecided.length };
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
    await schema.drop();
  }
}

function realWorld(seed: number): World {
  const began = performance.now();
  let events = 0;
  const now = () => performance.now() - began;
  const at = (ms: number, work: () => void) =>
    void setTimeout(
      () => {
        events++;
        work();
      },
      Math.max(0, ms - now()),
    ).unref();
  return {
    now,
    at,
    after: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: (name) =>
      seeded([...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), seed)),
    events: () => events,
  };
}

/** The statements of a process that has ended are not sent any more, so that its transactions are rolled back. */
function ofHost(sql: Sql, host: Host): Sql {
  const assertUp = () => {
    if (!host.isUp) throw new Error(`${host.name} has ended`);
  };
  const watched = ({ query, execute }: Statements): Statements => ({
    query: async (...asked) => {
      assertUp();
      return query(...asked);
    },
    execute: async (...asked) => {
      assertUp();
      return execute(...asked);
    },
  });
  return {
    ...sql,
    ...watched(sql),
    transaction: async (work) => {
      assertUp();
      return sql.transaction(async (tx) => {
        const result = await work(watched(tx));
        assertUp();
        return result;
      });
    },
  };
}

/** Histories of stock and of sessions, so many at a time, until the seconds have passed. */
export async function recordAll(
  server: string,
  { from, seconds }: { readonly from: number; readonly seconds: number },
  report: (seed: number, outcome: Outcome) => void,
): Promise<void> {
  const until = performance.now() + 1000 * seconds;
  let next = from;
  const one = async () => {
    while (performance.now() < until) {
      const plan = recordedPlan(next++);
      if (plan.subject === 'stock' || plan.subject === 'sessions')
        report(plan.seed, await record(plan, server));
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, one));
}

const AT_A_TIME = 4;

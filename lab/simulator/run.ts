import { type Cluster, createCluster, directSql, openServers, type Servers } from './cluster';
import { describeFault } from './faults';
import { linkedReplica, linkedSql } from './linked-sql';
import { createNetwork } from './network';
import { photoSubject } from './photo-history';
import type { Plan, Subject } from './plan';
import { sessionSubject } from './session-history';
import { shardSubject } from './shard-history';
import type { Wiring } from './shop';
import { stockSubject } from './stock-history';
import type { SubjectOf } from './subject';
import { inWorld } from './world';

export interface Outcome {
  /** The whole history: the same for the same plan. */
  readonly text: string;
  readonly calls: number;
  /** Sentences, with drawings. None if all is well. */
  readonly wrong: readonly string[];
  /** Keys that took too many steps to judge. */
  readonly undecided: number;
}

export const subjects: Readonly<Record<Subject, SubjectOf>> = {
  stock: stockSubject,
  sessions: sessionSubject,
  photos: photoSubject,
  shards: shardSubject,
};
const opened = new Map<Subject, readonly Servers[]>();

/** Runs a plan, and judges what its clients saw. */
export async function run(plan: Plan, wiring: Wiring = {}): Promise<Outcome> {
  const { seed, subject, faults } = plan;
  const { migrations, isDivided } = subjects[subject];
  const servers =
    opened.get(subject) ?? [1, 2].slice(0, isDivided ? 2 : 1).map(() => openServers(migrations));
  opened.set(subject, servers);
  return inWorld(seed, async (world) => {
    const network = createNetwork(world, faults);
    const [cluster, second] = servers.map((each): Cluster => {
      const link = { world, network, cluster: createCluster(each, world, network) };
      return {
        direct: directSql(link.cluster),
        from: (host, part) => linkedSql({ ...link, host, part }),
        replicaFrom: (host, place) => linkedReplica({ ...link, host }, place),
      };
    });
    if (!cluster) throw new Error('A subject has a database');
    for (const fault of faults) {
      if (fault.kind !== 'failover') continue;
      const primary = servers[fault.part === 'second database' ? 1 : 0]?.primary;
      world.at(fault.from, () => primary?.failOver());
    }
    const setting = { world, network, cluster, second, plan, wiring };
    const { lines, verdict, others } = await subjects[subject].run(setting);
    const text = [...faults.map(describeFault), ...lines, ...others, `${world.events()} events`].join('\n');
    const { calls, wrong, undecided } = verdict;
    return { text, calls, wrong: [...wrong, ...others], undecided: undecided.length };
  });
}

import { createCluster, openServers, type Servers } from './cluster';
import { describeFault } from './faults';
import { createNetwork } from './network';
import { photoSubject } from './photo-history';
import type { Plan, Subject } from './plan';
import { sessionSubject } from './session-history';
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

const subjects: Readonly<Record<Subject, SubjectOf>> = {
  stock: stockSubject,
  sessions: sessionSubject,
  photos: photoSubject,
};
const opened = new Map<Subject, Servers>();

/** Runs a plan, and judges what its clients saw. */
export async function run(plan: Plan, wiring: Wiring = {}): Promise<Outcome> {
  const { seed, subject, faults } = plan;
  const servers = opened.get(subject) ?? openServers(subjects[subject].migrations);
  opened.set(subject, servers);
  return inWorld(seed, async (world) => {
    const network = createNetwork(world, faults);
    const cluster = createCluster(servers, world, network);
    for (const { kind, from } of faults) if (kind === 'failover') world.at(from, servers.primary.failOver);
    const { lines, verdict, others } = await subjects[subject].run({ world, network, cluster, plan, wiring });
    const text = [...faults.map(describeFault), ...lines, ...others, `${world.events()} events`].join('\n');
    const { calls, wrong, undecided } = verdict;
    return { text, calls, wrong: [...wrong, ...others], undecided: undecided.length };
  });
}

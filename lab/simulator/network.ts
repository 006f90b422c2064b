import type { Random } from '../load/random';
import type { Fault, Part } from './faults';
import type { World } from './world';

/** The call may have been carried out, or not, or may be later. */
export class LostError extends Error {
  override name = 'LostError';
}

/** The call was certainly not carried out. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}

/** A place where programs run. After its end nothing that it waits for ever comes. */
export interface Host {
  readonly name: string;
  readonly isUp: boolean;
  /** Resolves when it ends. */
  readonly over: Promise<void>;
}

export interface Network {
  /**
   * A call of a part, and its answer. Each takes a while, which the seed decides, so calls overtake each other.
   * @throws LostError, RefusedError, and what `work` throws
   */
  call<Answer>(from: Host, part: Part, work: () => Answer | Promise<Answer>): Promise<Answer>;
  /** The fault of a kind that is there now. */
  fault<Kind extends Fault['kind']>(
    kind: Kind,
    is?: (fault: Extract<Fault, { kind: Kind }>) => boolean,
  ): Extract<Fault, { kind: Kind }> | undefined;
}

const SLOW = 30;
/** The part of calls that are lost while some are. */
const LOSS = 0.15;
/** The longest wait for an answer that is lost, by part. The cache answers within a fixed time or not at all. */
const PATIENCE_MS: Partial<Record<Part, number>> = { cache: 60 };

export function createNetwork(world: World, faults: readonly Fault[]): Network {
  const random = world.random('network');
  const fault: Network['fault'] = (kind, is = () => true) =>
    faults.find(
      (one): one is never =>
        one.kind === kind && one.from <= world.now() && world.now() < one.until && is(one as never),
    );
  const isCut = ({ name }: Host, part: Part) =>
    fault('partition', (one) => one.process === name && one.part === part) !== undefined;

  const isLost = (kind: 'lost answers' | 'lost requests', part: Part) =>
    fault(kind, (one) => one.part === part) !== undefined && random() < LOSS;

  const lost = async (part: Part): Promise<never> => {
    await world.after((0.05 + 0.95 * random()) * (PATIENCE_MS[part] ?? 1500));
    throw new LostError(`no answer of ${part}`);
  };

  return {
    fault,
    call: async (from, part, work) => {
      const pause = async () => {
        const factor = fault('slow', (one) => one.part === part) ? SLOW : 1;
        await world.after(factor * latency(random));
        if (!from.isUp) await never();
      };
      await pause();
      if (isCut(from, part) || isLost('lost requests', part)) return lost(part);
      if (fault('failover', (one) => (one.part ?? 'database') === part))
        throw new RefusedError('the database fails over');
      if (fault('duplicates', (one) => one.part === part) && random() < 0.3)
        world.at(world.now() + 300 * random(), () => void repeated(work));
      const answer = await settled(work);
      await pause();
      if (isCut(from, part) || isLost('lost answers', part)) return lost(part);
      if ('error' in answer) throw answer.error;
      return answer.value;
    },
  };
}

/** Milliseconds, of one way: mostly less than two, sometimes twenty. */
const latency = (random: Random): number => 0.1 + 1.5 * random() + (random() < 0.02 ? 20 * random() : 0);

/** Nobody hears the answer. */
const repeated = async (work: () => unknown) => {
  await settled(work);
};

async function settled<Answer>(work: () => Answer | Promise<Answer>) {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** For those who are no longer there. */
const never = () => new Promise<never>(() => undefined);

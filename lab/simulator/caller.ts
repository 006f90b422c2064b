import { RetryLaterError } from '../../lambda/shared/runtime/retry-later';
import { type Host, LostError, type Network } from './network';
import type { Process, Shop } from './shop';
import type { World } from './world';

/** The end of a call, and of those that repeated it. */
interface Called<Answer> {
  readonly answer?: Answer;
  /** The reason for a refusal. */
  readonly error?: unknown;
  /** An earlier try was not answered, so it may have been carried out, or may be yet. */
  readonly isUnsure: boolean;
}

export interface Caller<Parts> {
  /** Asks one process after the other until one answers. Without an answer and an error, none did. */
  call<Answer>(
    where: number,
    among: 'writers' | 'readers' | 'movers',
    work: (parts: Parts) => Promise<Answer>,
  ): Promise<Called<Answer>>;
}

export interface CallerOptions<Parts> {
  readonly world: World;
  readonly network: Network;
  readonly shop: Shop<Parts>;
  /** Refusals that clients expect. */
  readonly refusals: readonly (abstract new (
    ...args: never[]
  ) => Error)[];
  /** Takes sentences about all other errors. */
  readonly unexpected: string[];
  readonly tries?: number;
}

/** A client of a shop, who repeats what was not answered, at another process. */
export function createCaller<Parts>(name: string, options: CallerOptions<Parts>): Caller<Parts> {
  const { world, network, shop, refusals, unexpected, tries = 5 } = options;
  const host: Host = { name, isUp: true, over: new Promise(() => undefined) };
  return {
    call: async (where, among, work) => {
      let isUnsure = false;
      for (let attempt = 0; attempt < tries; attempt++) {
        const processes = shop[among];
        const process = processes[(where + attempt) % processes.length] as Process<Parts>;
        try {
          const answer = await network.call(host, 'clients', () => served(process, work));
          return { answer, isUnsure };
        } catch (error) {
          if (!(error instanceof LostError || error instanceof RetryLaterError)) {
            if (!refusals.some((kind) => error instanceof kind))
              unexpected.push(`${name} was told: ${error}`);
            return { error, isUnsure };
          }
          isUnsure = true;
          await world.after(20 * 2 ** attempt);
        }
      }
      return { isUnsure: true };
    },
  };
}

/** A process that ends leaves its clients without an answer. */
function served<Parts, Answer>(
  { host, parts }: Process<Parts>,
  work: (parts: Parts) => Promise<Answer>,
): Promise<Answer> {
  const ended = host.over.then((): never => {
    throw new LostError(`${host.name} has ended`);
  });
  return host.isUp ? Promise.race([work(parts), ended]) : ended;
}

import {
  DatabaseUnavailableError,
  OutcomeUnknownError,
  type Sql,
  type Statements,
} from '../../lambda/shared/sql/sql';
import type { SimulatedCluster } from './cluster';
import { ConnectionEndedError, DeadlockError } from './database';
import type { DatabasePart } from './faults';
import { type Host, LostError, type Network, RefusedError } from './network';
import type { World } from './world';

/** As in `mysql.ts`. */
const ATTEMPTS = 8;
const AGAIN_MS = 3000;

interface Link {
  readonly world: World;
  readonly network: Network;
  readonly host: Host;
  readonly cluster: SimulatedCluster;
  /** Default: the first one. */
  readonly part?: DatabasePart | undefined;
}

/**
 * The primary as a process reaches it: every statement is a call, with what `mysql.ts` does about lost ones and about
 * deadlocks.
 */
export function linkedSql({ world, network, host, cluster, part = 'database' }: Link): Sql {
  const call = <Answer>(work: () => Answer | Promise<Answer>) => network.call(host, part, work);
  const random = world.random(`retries of ${host.name}${part === 'database' ? '' : ` at the ${part}`}`);

  const once = async <Result>(work: (tx: Statements) => Promise<Result>): Promise<Result> => {
    const transaction = cluster.begin();
    // The server notices that the process has ended.
    void host.over.then(transaction.rollback);
    try {
      const result = await work({
        query: (statement, values) =>
          call(() =>
            statement.includes('LOCK IN SHARE MODE')
              ? transaction.queryShared(statement, values)
              : transaction.query(statement, values),
          ),
        execute: (statement, values) => call(() => transaction.execute(statement, values)),
      });
      await certain(call(() => cluster.commit(transaction)));
      return result;
    } catch (error) {
      transaction.rollback();
      throw error;
    }
  };

  const insisting = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const until = world.now() + AGAIN_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isLost(error)) throw error;
        const pause = random() * Math.min(500, 20 * 2 ** attempt);
        if (world.now() + pause > until) throw new DatabaseUnavailableError({ cause: error });
        await world.after(pause);
      }
    }
  };

  const whole = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await insisting(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof DeadlockError)) throw error;
        await world.after(random() * 2 ** attempt * 5);
      }
    }
  };

  const alone = async (statement: string, values: Parameters<Sql['execute']>[1]) => {
    const transaction = cluster.begin();
    try {
      const matched = await transaction.execute(statement, values);
      await cluster.commit(transaction);
      return matched;
    } finally {
      transaction.rollback();
    }
  };

  const transaction: Sql['transaction'] = (work) => whole(() => once(work));
  return {
    query: (statement, values) => insisting(() => call(() => cluster.query(statement, values))),
    execute: (statement, values) => whole(() => certain(call(() => alone(statement, values)))),
    transaction,
    // Migrations alone use it, and they are done.
    exclusively: (_name, work) => transaction(work),
    close: async () => undefined,
  };
}

/** A replica as a process reaches it: only for reads, and others answer what it does not. */
export function linkedReplica({ network, host, cluster }: Link, place: 0 | 1): Sql {
  const refuse = async () => {
    throw new Error('A replica only reads');
  };
  return {
    query: async (statement, values) => {
      try {
        return await network.call(host, `replica ${place}`, () =>
          cluster.queryReplica(place, statement, values),
        );
      } catch (error) {
        throw isLost(error) ? new DatabaseUnavailableError({ cause: error }) : error;
      }
    },
    execute: refuse,
    transaction: refuse,
    exclusively: refuse,
    close: async () => undefined,
  };
}

const isLost = (error: unknown): boolean =>
  error instanceof LostError || error instanceof RefusedError || error instanceof ConnectionEndedError;

/** For what must not be sent twice. */
async function certain<Answer>(sent: Promise<Answer>): Promise<Answer> {
  try {
    return await sent;
  } catch (error) {
    const isUnknown = error instanceof LostError || error instanceof ConnectionEndedError;
    throw isUnknown ? new OutcomeUnknownError({ cause: error }) : error;
  }
}

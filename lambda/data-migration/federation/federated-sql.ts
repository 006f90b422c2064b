import { setTimeout as sleep } from 'node:timers/promises';
import { ReadOnlyMomentError } from '../../shared/runtime/retry-later';
import { DatabaseUnavailableError, type Sql } from '../../shared/sql/sql';
import type { Follower } from './follower';
import { isRefused } from './refused';

export interface FederatedSqlOptions<At extends string> {
  readonly sides: Readonly<Record<At, Sql>>;
  readonly follower: Pick<Follower<At>, 'current' | 'refresh'>;
  /** A statement that a fence refuses for longer fails: shorter than the patience of proxies. Default 10 s. */
  readonly waitMs?: number;
}

const RETRY_DELAY_MS = 50;

/**
 * A schema that another process may move. A fence refuses statements, which then are sent again, where the marker says.
 * While writes are refused everywhere they wait; reads are taken by one side at any time.
 */
export function federatedSql<At extends string>(options: FederatedSqlOptions<At>): Sql {
  const { sides, follower, waitMs = 10_000 } = options;

  const insisting = async <Result>(
    work: (sql: Sql) => Promise<Result>,
    late: (cause: unknown) => Error,
  ): Promise<Result> => {
    const until = performance.now() + waitMs;
    for (;;) {
      const at = follower.current();
      try {
        return await work(sides[at]);
      } catch (error) {
        if (!isRefused(error)) throw error;
        // A store of the marker that does not answer is asked again by the next attempt.
        await follower.refresh().catch(() => undefined);
        if (follower.current() !== at) continue;
        if (performance.now() > until) throw late(error);
        await sleep(RETRY_DELAY_MS * (0.5 + Math.random()));
      }
    }
  };
  const reading = <Result>(work: (sql: Sql) => Promise<Result>) =>
    insisting(work, (cause) => new DatabaseUnavailableError({ cause }));
  const writing = <Result>(work: (sql: Sql) => Promise<Result>) =>
    insisting(work, () => new ReadOnlyMomentError());

  return {
    query: (statement, values) => reading((sql) => sql.query(statement, values)),
    execute: (statement, values) => writing((sql) => sql.execute(statement, values)),
    transaction: (work) => writing((sql) => sql.transaction(work)),
    exclusively: (name, work) => writing((sql) => sql.exclusively(name, work)),
    stalenessMs: () => sides[follower.current()].stalenessMs?.() ?? 0,
    close: async () => {
      await Promise.all(Object.values<Sql>(sides).map((sql) => sql.close()));
    },
  };
}

import type { Sql } from '../../shared/sql/sql';
import type { UserShards } from './user-shards';

/** Runs maintenance on every shard; one that fails keeps none of the others from it. @throws the first failure */
export async function onEach({ each }: UserShards, work: (sql: Sql) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled((await each()).map(work));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

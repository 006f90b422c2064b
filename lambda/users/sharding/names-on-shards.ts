import { DatabaseUnavailableError } from '../../shared/sql/sql';
import { namesOf } from '../accounts/repository';
import type { UserShards } from './user-shards';

/** Names by user id, at most a hundred at once. Those of unknown users, and on a shard that is away, are left out. */
export async function namesOnShards(
  shards: UserShards,
  userIds: readonly string[],
): Promise<Record<string, string>> {
  const groups = new Map<number, string[]>();
  for (const id of userIds) {
    const group = shards.groupOf(id);
    groups.set(group, [...(groups.get(group) ?? []), id]);
  }
  const isOne = groups.size === 1;
  const found = await Promise.all(
    [...groups.values()].map((ids) =>
      namesOf(shards.at(ids[0] ?? ''), ids).catch((error: unknown) => {
        if (isOne || !(error instanceof DatabaseUnavailableError)) throw error;
        return {};
      }),
    ),
  );
  return Object.assign({}, ...found);
}

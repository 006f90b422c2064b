import type { Table } from '../../lambda/shared/tables/table';
import { bucketOf } from '../../lambda/users/sharding/buckets';
import { createDirectory } from '../../lambda/users/sharding/directory';
import { readMap } from '../../lambda/users/sharding/shard-map';
import type { Cluster } from './cluster';
import type { Account } from './session-clients';

interface End {
  readonly table: Table;
  /** In the order of the map. */
  readonly clusters: readonly Cluster[];
  /** Those whose registration was answered. */
  readonly accounts: readonly Account[];
}

/** Sentences about rows that are not where the map says, are there twice, or are missing, once every move has ended. */
export async function wrongShards({ table, clusters, accounts }: End): Promise<string[]> {
  const { homes, moving } = await readMap(table);
  const wrong = Object.keys(moving).map((bucket) => `bucket ${bucket} has not come to the end of its move`);
  const homeOf = (userId: string) => homes[bucketOf(userId)] ?? -1;
  const owners = new Map<string, string[]>();
  for (const [place, cluster] of clusters.entries()) {
    for (const { id, email } of await cluster.direct.query<{ id: string; email: string }>(
      'SELECT id, email FROM users',
    )) {
      owners.set(email, [...(owners.get(email) ?? []), id]);
      if (homeOf(id) !== place) wrong.push(`the account ${email} is on a shard that the map does not name`);
    }
    const sessions = await cluster.direct.query<{ userId: string }>('SELECT user_id AS userId FROM sessions');
    for (const { userId } of sessions)
      if (homeOf(userId) !== place) wrong.push('a session is on a shard that the map does not name');
    const states = await cluster.direct.query<{ bucket: number; state: string }>(
      'SELECT bucket, state FROM buckets',
    );
    for (const { bucket, state } of states)
      if (homes[bucket] !== place || state !== 'here')
        wrong.push(`bucket ${bucket} is ${state} on shard ${place}, and the map names ${homes[bucket]}`);
    const own = homes.filter((home) => home === place).length;
    if (states.length !== own) wrong.push(`shard ${place} has ${states.length} of its ${own} buckets`);
  }
  for (const [email, ids] of owners)
    if (ids.length > 1) wrong.push(`${email} belongs to ${ids.length} accounts`);
  const at = (userId: string) => (clusters[homeOf(userId)] as Cluster).direct;
  const directory = createDirectory({ table, at, now: Date.now });
  for (const { id, email } of accounts) {
    if (!owners.get(email)?.includes(id)) wrong.push(`the account ${email} was registered, and is gone`);
    if ((await directory.find(email)) !== id) wrong.push(`the directory does not know the account ${email}`);
  }
  return wrong;
}

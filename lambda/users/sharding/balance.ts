import type { ShardMap } from './shard-map';

export interface PlannedMove {
  readonly from: string;
  readonly to: string;
  readonly buckets: readonly number[];
}

/** The buckets of each shard, by its name. A bucket on its way counts where it goes to. */
export function bucketsByShard({ shards, homes, moving }: ShardMap): Record<string, number[]> {
  const found: Record<string, number[]> = Object.fromEntries(shards.map((name) => [name, []]));
  homes.forEach((home, bucket) => {
    found[shards[moving[bucket]?.to ?? home] ?? '']?.push(bucket);
  });
  return found;
}

/** The fewest moves after which no shard has more than one bucket more than another one. */
export function balancing(map: ShardMap): PlannedMove[] {
  const held = Object.entries(bucketsByShard(map)).map(([name, buckets]) => ({
    name,
    buckets: [...buckets],
  }));
  const least = Math.floor(map.homes.length / Math.max(1, held.length));
  const isMoving = (bucket: number) => map.moving[bucket] !== undefined;
  const plan = new Map<string, { from: string; to: string; buckets: number[] }>();
  for (;;) {
    held.sort((a, b) => a.buckets.length - b.buckets.length);
    const [poorest, richest] = [held[0], held.at(-1)];
    if (!poorest || !richest || richest.buckets.length - poorest.buckets.length <= 1) break;
    // The newest bucket of the list: buckets that are on their way are left alone.
    const bucket = richest.buckets.findLast((each) => !isMoving(each));
    if (bucket === undefined || poorest.buckets.length > least) break;
    richest.buckets.splice(richest.buckets.indexOf(bucket), 1);
    poorest.buckets.push(bucket);
    const key = `${richest.name} ${poorest.name}`;
    const move = plan.get(key) ?? { from: richest.name, to: poorest.name, buckets: [] };
    move.buckets.push(bucket);
    plan.set(key, move);
  }
  return [...plan.values()];
}

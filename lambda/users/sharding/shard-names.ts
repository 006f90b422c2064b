/** The names of a deploy's shards, the first one included: `users-1`, `users-2`. */
export const shardNames = (shards: number): string[] =>
  Array.from({ length: shards }, (_, index) => `users-${index + 1}`);

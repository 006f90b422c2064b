import { openShardedUsers, type UsersStore } from '../../../../lambda/hosts/users-store';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { createMemoryTable } from '../../../../lambda/shared/tables/memory-table';
import type { Table } from '../../../../lambda/shared/tables/table';
import { usersMigrations } from '../../../../lambda/users/migrations';
import { BUCKETS } from '../../../../lambda/users/sharding/buckets';
import { changeMap, DIRECTORY_TABLE, mapOfOne, readMap } from '../../../../lambda/users/sharding/shard-map';
import type { Engine } from '../../../support/engines';

export interface Shards {
  readonly table: Table;
  readonly sql: Readonly<Record<string, Sql>>;
  readonly alone: Sql;
  /** Another process's view. */
  open(overrides?: Readonly<Record<string, Sql>>): UsersStore;
}

/** Migrated schemas, and a table for the map and the directory; nobody has begun to divide users. */
export async function undividedShards(engine: Engine, names: readonly string[]): Promise<Shards> {
  const opened = await Promise.all(
    names.map(async (name) => {
      const sql = await engine.open(name.replace('-', '_'));
      await migrate(sql, usersMigrations);
      return [name, sql] as const;
    }),
  );
  const sql: Record<string, Sql> = Object.fromEntries(opened);
  const alone = opened[0]?.[1] as Sql;
  const table = createMemoryTable(DIRECTORY_TABLE);
  // The schemas are closed by whoever opened them.
  const kept = (one: Sql): Sql => ({ ...one, close: async () => undefined });
  return {
    table,
    sql,
    alone,
    open: (overrides = {}) => {
      const all = Object.entries({ ...sql, ...overrides }).map(([name, one]) => [name, kept(one)] as const);
      return openShardedUsers({ ...table, close: () => undefined }, kept(alone), Object.fromEntries(all));
    },
  };
}

/** Buckets dealt out in turns. */
export async function dividedShards(engine: Engine, names: readonly string[]): Promise<Shards> {
  const shards = await undividedShards(engine, names);
  const homes = Array.from({ length: BUCKETS }, (_, bucket) => bucket % names.length);
  for (const [index, name] of names.entries()) {
    await shards.sql[name]?.transaction(async (tx) => {
      for (const [bucket, home] of homes.entries())
        if (home === index)
          await tx.execute("INSERT INTO buckets (bucket, state, owner) VALUES (?, 'here', '')", [bucket]);
    });
  }
  await changeMap(shards.table, await readMap(shards.table), {
    ...mapOfOne(''),
    ...{ shards: names, homes, directoryComplete: true, version: 0 },
  });
  return shards;
}

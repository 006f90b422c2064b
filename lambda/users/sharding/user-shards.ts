import type { Sql } from '../../shared/sql/sql';
import type { Directory } from './directory';

/** The schemas of the users. Implementations: `singleShard`, and `sharded-users.ts`. */
export interface UserShards {
  /** The schema with the rows of a user, or with those of another key that divides rows. */
  at(key: string): Sql;
  /** The same by bucket. */
  atBucket(bucket: number): Sql;
  /** Rows of keys with the same group can be changed in one transaction. */
  groupOf(key: string): number;
  /** Every schema, for the few statements that concern all: sweeps, checks, tokens without a bucket. */
  each(): Promise<readonly Sql[]>;
  /** Finds users by e-mail. Undefined where the one schema does, and no other knows e-mails. */
  directory(): Promise<Directory | undefined>;
  /** The schema with all users; undefined once they are divided. */
  undivided(): Promise<Sql | undefined>;
  stalenessMs(): number;
}

export const singleShard = (sql: Sql): UserShards => ({
  at: () => sql,
  atBucket: () => sql,
  groupOf: () => 0,
  each: async () => [sql],
  directory: async () => undefined,
  undivided: async () => sql,
  stalenessMs: () => sql.stalenessMs?.() ?? 0,
});

export const shardsOf = (users: Sql | UserShards): UserShards => ('at' in users ? users : singleShard(users));

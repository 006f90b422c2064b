import type { OpenAPIHono } from '@hono/zod-openapi';
import type { ReadClientIp } from '../shared/http/client-ip';
import type { Identify } from '../shared/http/identity';
import { startPeriodicTask } from '../shared/jobs/periodic-task';
import { limit } from '../shared/sql/sql';
import { usersApi } from './api';
import { createParts, type PartsOptions } from './parts';
import { deleteOldClaims } from './sharding/directory';
import { namesOnShards } from './sharding/names-on-shards';
import { onEach } from './sharding/on-each';
import { grantStaff } from './staff';

const SWEEP_EVERY_MS = 60_000;

export interface UsersOptions extends PartsOptions {
  readonly clientIp: ReadClientIp;
  /** Other origins whose pages may call the API. Default: none. */
  readonly allowedOrigins?: readonly string[] | undefined;
}

export interface Users {
  readonly app: OpenAPIHono;
  readonly identify: Identify;
  /** Rejects while the database does not answer. */
  ready(): Promise<void>;
  /** Names by user id; unknown users are left out. */
  names(userIds: readonly string[]): Promise<Record<string, string>>;
  /** Gives the account with this e-mail the role `staff`. @throws NoSuchAccountError */
  grantStaff(email: string): Promise<void>;
  /** Deletes expired rows and retries unfinished deletions of accounts. */
  sweep(): Promise<void>;
  /** Sweeps about once a minute and returns the stop function. Safe to run in several processes. */
  background(): () => Promise<void>;
}

/** The user service, the same on every host. */
export function createUsers(options: UsersOptions): Users {
  const { log, clientIp, allowedOrigins, now = Date.now } = options;
  const { shards, touches, throttle, deletions, sessions, accounts, passwordLinks } = createParts(options);
  /** A shard that does not answer is the concern of its users. */
  const ready = async () => {
    const answers = (await shards.each()).map((one) => one.query(`SELECT id FROM users ${limit(1)}`));
    await Promise.any(answers).catch((error: AggregateError) => {
      throw error.errors[0];
    });
  };
  const sweepClaims = () => onEach(shards, (one) => deleteOldClaims(one, now()));
  const jobs = [sessions.sweep, throttle.sweep, deletions.sweep, sweepClaims];
  return {
    app: usersApi({ accounts, sessions, passwordLinks, clientIp, log, ready, allowedOrigins }),
    identify: sessions.identify,
    ready,
    names: (userIds) => namesOnShards(shards, userIds),
    grantStaff: (email) => grantStaff(shards, log, email),
    sweep: async () => {
      for (const job of jobs) await job();
    },
    background: () => {
      const sweeps = jobs.map((job) => startPeriodicTask(job, log, SWEEP_EVERY_MS));
      const stops = [...sweeps, touches.collect()];
      return async () => {
        await Promise.all(stops.map((stop) => stop()));
      };
    },
  };
}

import { startPeriodicTask } from '../jobs/periodic-task';
import type { Logger } from '../runtime/log';
import { lastBeat } from './heartbeat';
import {
  judged,
  type ReplicaHealth,
  type ReplicaLimits,
  type ReplicaState,
  stateOf,
  UNKNOWN,
} from './replica-health';
import type { Sql } from './sql';

/** A replica, as it was when it last answered. */
export interface Watched {
  /** For people and logs: its host, without credentials. */
  readonly name: string;
  readonly sql: Sql;
  state(): ReplicaState;
  /** The age of the last beat it showed, in milliseconds; 0 if reads will not go there for a while. */
  stalenessMs(): number;
  /** A read failed: it is out until it answers again, and is asked at once. */
  suspect(): void;
}

export interface ReplicaWatchOptions {
  readonly primary: Sql;
  readonly replicas: readonly { readonly name: string; readonly sql: Sql }[];
  readonly log: Logger;
  readonly limits: ReplicaLimits;
  readonly now: () => number;
}

/** Asks the replicas how far behind they are until `stop`. Reads never wait for it. */
export function watchReplicas({ primary, replicas, log, limits, now }: ReplicaWatchOptions) {
  let newest = 0;
  /** Undefined if there is no answer in time, or no beat in it. */
  const ask = async (sql: Sql) => {
    const beat = await within(limits.answer, lastBeat(sql, now)).catch(() => undefined);
    newest = Math.max(newest, beat ?? 0);
    return beat;
  };

  const watches = replicas.map(({ name, sql }) => {
    let health: ReplicaHealth = UNKNOWN;
    let suspected = false;
    let isOut = false;
    let checking: Promise<void> | undefined;
    let suspicions = 0;
    const state = () => (suspected ? 'out' : stateOf(health, now(), limits));
    const check = () => {
      checking ??= judge().finally(() => {
        checking = undefined;
      });
      return checking;
    };
    const judge = async () => {
      const suspicionsBefore = suspicions;
      const beat = await ask(sql);
      // The beat is old: either this replica lags, or nobody writes beats. The primary knows.
      if (beat !== undefined && now() - beat > limits.lag) await ask(primary);
      health = judged(health, beat, { newest, now: now(), limits });
      // A question from before the failed read proves nothing: the next one does.
      if (suspicions === suspicionsBefore) suspected = false;
      const wasOut = isOut;
      isOut = state() === 'out';
      const behindMs = beat === undefined ? undefined : newest - beat;
      if (isOut && !wasOut) log.warn({ replica: name, behindMs }, 'a replica is left out');
      if (wasOut && !isOut) log.info({ replica: name, behindMs }, 'a replica is well');
    };
    const watched: Watched = {
      name,
      sql,
      state,
      // Even if it is suspected: it may be used again in a moment.
      stalenessMs: () => (stateOf(health, now(), limits) === 'out' ? 0 : Math.max(0, now() - health.beat)),
      suspect: () => {
        suspicions += 1;
        if (suspected) return;
        suspected = true;
        const underWay = checking;
        void (underWay ? underWay.then(check) : check());
      },
    };
    const stopChecks = startPeriodicTask(check, log, limits.interval);
    const stop = async () => {
      await stopChecks();
      await checking;
    };
    return { watched, check, stop };
  });

  return {
    replicas: watches.map(({ watched }) => watched),
    /** Resolves when each was asked once. */
    ready: Promise.all(watches.map(({ check }) => check())),
    stop: async () => {
      await Promise.all(watches.map(({ stop }) => stop()));
    },
  };
}

async function within<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

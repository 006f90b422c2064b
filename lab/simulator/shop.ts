import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Blobs } from '../../lambda/shared/blobs/blobs';
import type { Cache } from '../../lambda/shared/cache/cache';
import { createMemoryCache } from '../../lambda/shared/cache/memory-cache';
import { startHeartbeat } from '../../lambda/shared/sql/heartbeat';
import { replicatedSql } from '../../lambda/shared/sql/replicated';
import type { Sql } from '../../lambda/shared/sql/sql';
import type { Table } from '../../lambda/shared/tables/table';
import type { Cluster } from './cluster';
import { linkedCache } from './linked-cache';
import type { Host, Network } from './network';
import type { Plan } from './plan';
import { silent } from './silent-log';
import { EPOCH, type World } from './world';

/** `writer`: asks the primary. `reader`: asks replicas, where there are some. `mover`: moves users between shards. */
export type Role = 'writer' | 'reader' | 'mover';

/** The dependencies of a program, as it reaches them. */
interface Reached {
  readonly role: Role;
  readonly host: Host;
  readonly sql: Sql;
  /** The second shard, where there is one. */
  readonly second: Sql | undefined;
  readonly cache: Cache | undefined;
  /** Epoch milliseconds, by the clock of the host. */
  readonly now: () => number;
}

/** Starts a program. Returns what clients may call, and the functions that stop its background work. */
export type Program<Parts> = (reached: Reached) => {
  readonly parts: Parts;
  readonly stops: readonly (() => unknown)[];
};

/** A program, at a host that may end. */
export interface Process<Parts> {
  readonly host: Host;
  readonly parts: Parts;
}

export interface Shop<Parts> {
  /** Those that are there now. */
  readonly writers: readonly Process<Parts>[];
  readonly readers: readonly Process<Parts>[];
  readonly movers: readonly Process<Parts>[];
  /** Ends all background work. */
  stop(): void;
}

/** Between a program and its dependencies: here bugs are planted. Default: nothing. */
export interface Wiring {
  readonly sql?: (sql: Sql, role: Role) => Sql;
  readonly cache?: (cache: Cache, role: Role) => Cache;
  readonly replica?: (sql: Sql) => Sql;
  readonly table?: (table: Table, role: Role) => Table;
  readonly blobs?: (blobs: Blobs) => Blobs;
  readonly queue?: (client: SQSClient) => SQSClient;
}

/** The world of a history. */
export interface Setting {
  readonly world: World;
  readonly network: Network;
  readonly cluster: Cluster;
  /** The servers of the second shard; undefined if users are not divided. */
  readonly second?: Cluster | undefined;
  readonly plan: Plan;
  readonly wiring: Wiring;
}

/** Starts the processes of a shop, which end and begin again as the faults have it. */
export function startShop<Parts>(
  { world, network, cluster, second, plan, wiring }: Setting,
  program: Program<Parts>,
): Shop<Parts> {
  const { shape, faults } = plan;
  const { sql: throughSql = same, cache: throughCache = same, replica: throughReplica = same } = wiring;
  const newCache = () => createMemoryCache({ now: () => EPOCH + world.now() });
  let cache = newCache();
  for (const { kind, from } of faults)
    if (kind === 'cache loss')
      world.at(from, () => {
        cache = newCache();
      });

  const start = (name: string, role: Role): Running<Parts> => {
    const host = createHost(name);
    const skew = faults.find((fault) => fault.kind === 'wrong clock' && fault.process === name);
    const ahead = skew?.kind === 'wrong clock' ? skew.ms : 0;
    const now = () => Math.floor(EPOCH + world.now()) + ahead;
    const primary = cluster.from(host);
    const replicas = ([0, 1] as const)
      .slice(0, role === 'reader' ? shape.replicas : 0)
      .map((place) => ({ name: `replica ${place}`, sql: throughReplica(cluster.replicaFrom(host, place)) }));
    const reached = replicas.length > 0 ? replicatedSql({ primary, replicas, log: silent, now }) : primary;
    const sql = throughSql(reached, role);
    const other = second && throughSql(second.from(host, 'second database'), role);
    const shared = shape.hasCache
      ? throughCache(
          linkedCache(() => cache, network, host),
          role,
        )
      : undefined;
    const { parts, stops } = program({ role, host, sql, second: other, cache: shared, now });
    const beside =
      role === 'writer' && shape.replicas > 0
        ? [startHeartbeat(sql, silent, now)]
        : [() => replicas.length > 0 && reached.close()];
    const stop = () => {
      for (const each of [...stops, ...beside]) void each();
    };
    const end = () => {
      host.end();
      stop();
    };
    return { host, parts, stop, end };
  };

  const placesOf = (role: Role, count: number) =>
    Array.from({ length: count }, (_, place) => ({ name: `${role} ${place}`, role }));
  const places = [
    ...placesOf('writer', shape.writers),
    ...placesOf('reader', shape.readers),
    ...placesOf('mover', shape.movers),
  ];
  const running = new Map(places.map(({ name, role }) => [name, start(name, role)]));
  let isStopped = false;
  for (const fault of faults) {
    const place = places.find(({ name }) => fault.kind === 'crash' && fault.process === name);
    if (!place) continue;
    world.at(fault.from, () => running.get(place.name)?.end());
    world.at(fault.until, () => {
      if (!running.get(place.name)?.host.isUp && !isStopped)
        running.set(place.name, start(place.name, place.role));
    });
  }
  const those = (role: Role) =>
    places.filter((place) => place.role === role).map(({ name }) => running.get(name) as Running<Parts>);
  return {
    get writers() {
      return those('writer');
    },
    get readers() {
      return those('reader');
    },
    get movers() {
      return those('mover');
    },
    stop: () => {
      isStopped = true;
      for (const process of running.values()) process.stop();
    },
  };
}

const same = <Value>(value: Value): Value => value;

interface Running<Parts> extends Process<Parts> {
  stop(): void;
  end(): void;
}

function createHost(name: string) {
  let finish: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let isUp = true;
  return {
    name,
    get isUp() {
      return isUp;
    },
    over,
    end: () => {
      isUp = false;
      finish();
    },
  };
}

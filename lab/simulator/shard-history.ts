import { createBucketMover } from '../../lambda/data-migration/shards/bucket-mover';
import { openShardedUsers } from '../../lambda/hosts/users-store';
import type { Sql } from '../../lambda/shared/sql/sql';
import { createMemoryTable } from '../../lambda/shared/tables/memory-table';
import type { Table } from '../../lambda/shared/tables/table';
import { EmailTakenError } from '../../lambda/users/accounts/errors';
import { usersMigrations } from '../../lambda/users/migrations';
import { createParts } from '../../lambda/users/parts';
import { BUCKETS } from '../../lambda/users/sharding/buckets';
import { changeMap, DIRECTORY_TABLE, mapOfOne, readMap } from '../../lambda/users/sharding/shard-map';
import { shardNames } from '../../lambda/users/sharding/shard-names';
import { createRecorder } from '../history/history';
import type { SessionAnswer, SessionRequest } from '../history/session-model';
import type { Cluster } from './cluster';
import { linkedTable } from './linked-stores';
import { FAULTS_END_MS, type Operation } from './plan';
import { type Account, SESSION_REFUSALS } from './session-clients';
import { passwords } from './session-history';
import { judgeSessions } from './session-judge';
import { createMember, type ShardParts } from './shard-clients';
import { wrongShards } from './shard-rows';
import { type Program, type Setting, startShop } from './shop';
import { silent } from './silent-log';
import { runClients, type SubjectOf, settle } from './subject';
import { EPOCH } from './world';

const NAMES = shardNames(2);
/** A claim that nobody used is respected for a minute. */
const RESPECTED_MS = 65_000;
/** Each ends at least one move that an earlier one left. */
const FINISHES = 4;

/** Users on two shards: registrations, log-ins and sessions, while buckets move. */
export const shardSubject: SubjectOf = {
  migrations: usersMigrations,
  isDivided: true,
  run: async (setting) => {
    const { world, cluster, second, plan } = setting;
    if (!second) throw new Error('Users are divided');
    const clusters = [cluster, second];
    const table = createMemoryTable(DIRECTORY_TABLE, () => EPOCH + world.now());
    await divide(table, clusters);
    const accounts = await addAccounts(table, clusters, plan.shape.pieces.length);
    await settle(setting);
    const shop = startShop(setting, users(setting, table));
    const recorder = createRecorder<SessionRequest, SessionAnswer>(world.now);
    const copied = new Set<SessionRequest>();
    const [unexpected, lines]: [string[], string[]] = [[], []];
    const refusals = [...SESSION_REFUSALS.filter(isExpected), EmailTakenError];
    const seen = { accounts, recorder, copied, unexpected, lines, asked: new Map<string, number>() };
    const memberOf = (name: string) => createMember(name, { ...setting, shop, refusals, table, ...seen });

    await runClients(setting, (name) => memberOf(name).operate);
    await world.after(Math.max(0, FAULTS_END_MS - world.now()));
    const last = memberOf('last');
    await last.finish(FINISHES);
    const look = (kind: Operation['kind'], which: number, where: number, quantity: number) =>
      last.operate({ client: 0, pause: 0, kind, which, where, quantity });
    for (const [place, { sessions }] of [...accounts.entries()]) {
      await look('log in', 0, 0, place);
      for (const which of sessions.keys())
        await look(which % 2 ? 'identify' : 'look up', which, which, place);
    }
    const missing = [...seen.asked.keys()].filter((email) => !accounts.some((one) => one.email === email));
    if (plan.shape.quietMs > RESPECTED_MS)
      for (const email of missing) {
        const isFree = !(await Promise.all(clusters.map((one) => hasAccount(one, email)))).includes(true);
        if (isFree && !(await last.register(email, 0))) unexpected.push(`nobody can get ${email} any more`);
      }
    shop.stop();
    const wrong = await wrongShards({ table, clusters, accounts });
    const judged = judgeSessions(plan, { accounts, recorder, copied });
    return { ...judged, lines: [...lines, ...judged.lines], others: [...unexpected, ...wrong] };
  },
};

/** Nobody changes a password here. */
const isExpected = ({ name }: { readonly name: string }) =>
  name !== 'WrongCredentialsError' && name !== 'WrongPasswordError';

const hasAccount = async (cluster: Cluster, email: string): Promise<boolean> =>
  (await cluster.direct.query('SELECT id FROM users WHERE email = ?', [email])).length > 0;

/** Errors of a mover whose bucket another one has taken over, or sends elsewhere. */
const EXPECTED = new Set(['BucketTakenError', 'BucketMovingError']);

const users =
  ({ network, wiring }: Setting, directory: Table): Program<ShardParts> =>
  ({ role, host, sql, second, cache, now }) => {
    const { table: throughTable = (same: Table) => same } = wiring;
    const table = throughTable(linkedTable(directory, network, host), role);
    const shards: Record<string, Sql> = Object.fromEntries(
      [sql, second].flatMap((one, place) => (one ? [[NAMES[place], one]] : [])),
    );
    const access = role === 'reader' ? ('use' as const) : ('end' as const);
    const parts = createParts({
      ...{ sql: openShardedUsers(table, sql, shards), log: silent, passwords, now },
      sessionCopies: cache && { cache, access },
      ...(role === 'reader' && { touchSession: async () => undefined }),
    });
    const move: ShardParts['move'] = async (buckets, to) => {
      try {
        for await (const _ of createBucketMover({ table, shards }).move(buckets, to));
        return undefined;
      } catch (error) {
        if (error instanceof Error && EXPECTED.has(error.name)) return error.name;
        throw error;
      }
    };
    return { parts: { ...parts, move }, stops: role === 'writer' ? [parts.touches.collect()] : [] };
  };

/** Deals the buckets out in turns. */
async function divide(table: Table, clusters: readonly Cluster[]): Promise<void> {
  const homes = Array.from({ length: BUCKETS }, (_, bucket) => bucket % clusters.length);
  for (const [index, cluster] of clusters.entries()) {
    const rows = homes.flatMap((home, bucket) => (home === index ? [`(${bucket}, 'here', '')`] : []));
    await cluster.direct.execute(`INSERT INTO buckets (bucket, state, owner) VALUES ${rows.join(', ')}`);
  }
  const map = { ...mapOfOne(''), shards: NAMES, homes, directoryComplete: true };
  await changeMap(table, await readMap(table), { ...map, version: 0 });
}

async function addAccounts(table: Table, clusters: readonly Cluster[], count: number): Promise<Account[]> {
  const shards = Object.fromEntries(clusters.map((one, place) => [NAMES[place] ?? '', one.direct]));
  const store = openShardedUsers(table, (clusters[0] as Cluster).direct, shards);
  const { accounts: service } = createParts({ sql: store, log: silent, passwords });
  const accounts: Account[] = [];
  for (let place = 0; place < count; place++) {
    const given = { email: `user${place}@example.com`, password: 'a first password' };
    const { id } = await service.register({ ...given, name: `User ${place}` }, '192.0.2.1');
    accounts.push({ ...given, id, sessions: [], ending: new Set(), clearings: [] });
  }
  return accounts;
}

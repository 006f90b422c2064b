import { usersMigrations } from '../../lambda/users/migrations';
import { createParts, type Parts } from '../../lambda/users/parts';
import type { Passwords } from '../../lambda/users/passwords';
import { createRecorder, withStaleness } from '../history/history';
import { judge } from '../history/judge';
import {
  describeSession,
  type SessionAnswer,
  type SessionCall,
  type SessionRequest,
  sessionModel,
} from '../history/session-model';
import { type Cluster, directSql } from './cluster';
import type { Fault, Part } from './faults';
import { createNames, line, renamed } from './history-text';
import type { Plan } from './plan';
import { type Account, createDevice, SESSION_REFUSALS } from './session-clients';
import { type Program, startShop } from './shop';
import { silent } from './silent-log';
import { runClients, type SubjectOf, settle } from './subject';
import { EPOCH, type World } from './world';

/** A replica that is further behind is left out (decision 0115), as soon as it is asked; and the time of slow calls. */
const BEHIND_MS = 2000 + 1000 + 1500 + 2500;
/** The lag of replicas where nothing fails, and a call. */
const CALM_BEHIND_MS = 400;
/** A copy of a session whose end the cache did not hear of (decision 0114), and the time of slow calls. */
const COPY_MS = 30_000 + 2500;
const MOST_TRIES = 200_000;

/** Accounts and their sessions, by the real services. */
export const sessionSubject: SubjectOf = {
  migrations: usersMigrations,
  run: async (setting) => {
    const { world, cluster, plan } = setting;
    const accounts = await addAccounts(cluster, plan.shape.pieces.length, world);
    await settle(setting);
    const shop = startShop(setting, users);
    const recorder = createRecorder<SessionRequest, SessionAnswer>(world.now);
    const copied = new Set<SessionRequest>();
    const unexpected: string[] = [];
    const deviceOf = (name: string) =>
      createDevice(name, {
        ...setting,
        shop,
        refusals: SESSION_REFUSALS,
        unexpected,
        accounts,
        recorder,
        copied,
      });

    await runClients(setting, deviceOf);
    const last = deviceOf('last');
    for (const place of accounts.keys())
      await last({ client: 0, pause: 0, kind: 'log in', which: 0, where: 0, quantity: place });
    for (const [place, { sessions }] of accounts.entries())
      for (const which of sessions.keys())
        for (const [where, kind] of [
          ...shop.readers.map(() => 'identify' as const),
          'look up' as const,
        ].entries())
          await last({ client: 0, pause: 0, kind, which, where, quantity: place });
    shop.stop();

    const names = createNames(new Map(accounts.map(({ id }, place) => [id, `account ${place}`])), 's');
    const copies = new Set<SessionRequest>();
    const calls = recorder.calls().map((call) => {
      const named = renamed(call, names, ['session']) as SessionCall;
      if (copied.has(call.request)) copies.add(named.request);
      // A client that looked at the record may still be shown an older copy: only writes of one's own are never missed.
      else if (named.request.kind === 'identify') return { ...named, client: `${named.client}, looking` };
      return named;
    });
    const judged = [
      ...aged(calls, plan, copies),
      ...accounts.flatMap((account) => cleared(account, calls, names)),
    ];
    const verdict = judge(judged, {
      modelOf: () => sessionModel,
      describe: describeSession,
      most: MOST_TRIES,
    });
    return { lines: calls.map((call) => line(call, describeSession)), verdict, others: unexpected };
  },
};

/** The age that copies and replicas may have when they are looked at, by the faults. */
function aged(calls: readonly SessionCall[], { shape, faults }: Plan, copies: ReadonlySet<SessionRequest>) {
  const about = (part: Part) => faults.some((fault) => 'part' in fault && fault.part === part);
  const isCalm = faults.length === 0;
  const behind = shape.replicas === 0 ? 0 : isCalm ? CALM_BEHIND_MS : BEHIND_MS;
  const isDeaf = shape.hasCache && (about('cache') || faults.some(isOf('cache loss')));
  // The mark of an end answers before any replica does.
  const after = isDeaf ? COPY_MS : isCalm && shape.hasCache ? 0 : behind;
  const isCopy = (request: SessionRequest) => copies.has(request);
  // Nobody who ended a session and did not reach the cache is spared its copy, not even oneself.
  const others = calls.map((call) =>
    isDeaf && isCopy(call.request) && call.answer?.kind === 'accepted'
      ? { ...call, client: `${call.client}, by a copy` }
      : call,
  );
  return withStaleness(others, ({ answer }) => (answer?.kind === 'accepted' ? after : behind), isCopy);
}

const isOf = (kind: Fault['kind']) => (fault: Fault) => fault.kind === kind;

/** The sessions that began while somebody asked to end all others: they may be among those. */
function cleared(
  { id, clearings }: Account,
  calls: readonly SessionCall[],
  names: (id: string) => string,
): SessionCall[] {
  const begun = calls.filter(({ key, answer }) => key === names(id) && answer?.kind === 'begun');
  return clearings.flatMap(({ at, keeps }) =>
    begun.flatMap(({ key, end, answer }): SessionCall[] => {
      if (answer?.kind !== 'begun' || end < at || answer.session === names(keeps)) return [];
      const request = { kind: 'end', session: answer.session } as const;
      return [
        { client: 'others', key, start: at, end: Number.POSITIVE_INFINITY, request, answer: undefined },
      ];
    }),
  );
}

const users: Program<Parts> = ({ role, sql, cache, now }) => {
  const access = role === 'reader' ? ('use' as const) : ('end' as const);
  const parts = createParts({
    ...{ sql, log: silent, passwords, now },
    sessionCopies: cache && { cache, access },
    ...(role === 'reader' && { touchSession: async () => undefined }),
  });
  return { parts, stops: role === 'writer' ? [parts.touches.collect()] : [] };
};

/** Real ones take a core for eight milliseconds. */
const passwords: Passwords = {
  hash: async (password) => `hash of ${password}`,
  verify: async (stored, password) => stored === `hash of ${password}`,
  isOutdated: () => false,
};

async function addAccounts(cluster: Cluster, count: number, world: World): Promise<Account[]> {
  const now = () => Math.floor(EPOCH + world.now());
  const { accounts: service } = createParts({ sql: directSql(cluster), log: silent, passwords, now });
  const accounts: Account[] = [];
  for (let place = 0; place < count; place++) {
    const [email, password] = [`user${place}@example.com`, 'a first password'];
    const { id } = await service.register({ email, password, name: `User ${place}` }, '192.0.2.1');
    accounts.push({ id, email, password, sessions: [], ending: new Set(), clearings: [] });
  }
  return accounts;
}

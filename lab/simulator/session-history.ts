import { usersMigrations } from '../../lambda/users/migrations';
import { createParts, type Parts } from '../../lambda/users/parts';
import type { Passwords } from '../../lambda/users/passwords';
import { createRecorder } from '../history/history';
import type { SessionAnswer, SessionRequest } from '../history/session-model';
import type { Cluster } from './cluster';
import { type Account, createDevice, SESSION_REFUSALS } from './session-clients';
import { judgeSessions } from './session-judge';
import { type Program, startShop } from './shop';
import { silent } from './silent-log';
import { runClients, type SubjectOf, settle } from './subject';
import { EPOCH, type World } from './world';

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

    return { ...judgeSessions(plan, { accounts, recorder, copied }), others: unexpected };
  },
};

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
export const passwords: Passwords = {
  hash: async (password) => `hash of ${password}`,
  verify: async (stored, password) => stored === `hash of ${password}`,
  isOutdated: () => false,
};

async function addAccounts(cluster: Cluster, count: number, world: World): Promise<Account[]> {
  const now = () => Math.floor(EPOCH + world.now());
  const { accounts: service } = createParts({ sql: cluster.direct, log: silent, passwords, now });
  const accounts: Account[] = [];
  for (let place = 0; place < count; place++) {
    const [email, password] = [`user${place}@example.com`, 'a first password'];
    const { id } = await service.register({ email, password, name: `User ${place}` }, '192.0.2.1');
    accounts.push({ id, email, password, sessions: [], ending: new Set(), clearings: [] });
  }
  return accounts;
}

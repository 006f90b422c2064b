import { remoteIdentity } from '../../../lambda/hosts/remote-identity';
import { createMemoryCache } from '../../../lambda/shared/cache/memory-cache';
import { UsersUnavailableError } from '../../../lambda/shared/http/identity';
import { ServiceUnavailableError } from '../../../lambda/shared/rpc/errors';
import { freshly } from '../../../lambda/shared/sql/freshly';
import { createSessionCopies, createSessionLookUp } from '../../../lambda/users/sessions/session-copies';
import { newToken, tokenHash } from '../../../lambda/users/sessions/tokens';
import { silent } from '../shared/rpc/calls';

const MINUTE = 60_000;
const ada = { userId: 'ada', role: 'customer' } as const;

/** A reading process of inventory beside a user service that makes copies, and may be away. */
function openReader() {
  let now = Date.now();
  let away = false;
  const asked: string[] = [];
  const cache = createMemoryCache({ now: () => now });
  const copies = createSessionCopies({ cache, access: 'use', log: silent, now: () => now });
  const ending = createSessionCopies({ cache, access: 'end', log: silent, now: () => now });
  const sessions = new Map<string, typeof ada>();
  const session = (at: number) => ({ id: 'one', createdAt: at, lastSeenAt: at, expiresAt: at + 60 * MINUTE });
  const users = {
    identify: async ({ token, from }: { token: string; from: 'copies' | 'primary' | 'record' }) => {
      asked.push(from);
      if (away) throw new ServiceUnavailableError('It is away');
      const load = async () => {
        const known = sessions.get(token);
        return known && { ...known, ...session(now) };
      };
      const found = from === 'record' ? await load() : await copies.find(tokenHash(token), load);
      return { identity: found && { userId: found.userId, role: found.role } };
    },
  };
  const lookUp = createSessionLookUp(cache, () => now);
  return {
    ...{ asked, sessions },
    reads: remoteIdentity({ users, lookUp }),
    writes: remoteIdentity({ users, lookUp: undefined }),
    leave: () => {
      away = true;
    },
    pass: (ms: number) => {
      now += ms;
    },
    end: async (token: string) => {
      sessions.delete(token);
      await ending.end([tokenHash(token)]);
    },
  };
}

const loggedIn = (shop: ReturnType<typeof openReader>): string => {
  const token = newToken();
  shop.sessions.set(token, ada);
  return token;
};

test('a reader asks once in half a minute, and a writer each time, for the record', async () => {
  const shop = openReader();
  const token = loggedIn(shop);
  for (let n = 0; n < 3; n++) expect(await shop.reads(token)).toMatchObject(ada);
  expect(shop.asked).toEqual(['copies']);
  shop.pass(31_000);
  expect(await shop.reads(token)).toMatchObject(ada);
  for (let n = 0; n < 2; n++) expect(await shop.writes(token)).toEqual(ada);
  expect(await shop.reads(token, 'record')).toEqual(ada);
  expect(shop.asked).toEqual(['copies', 'copies', 'record', 'record', 'record']);
});

test('a client that just wrote is looked up at the primary', async () => {
  const shop = openReader();
  const token = loggedIn(shop);
  expect(await freshly(() => shop.reads(token))).toMatchObject(ada);
  expect(shop.asked).toEqual(['primary']);
});

test('an unknown token is nobody', async () => {
  const shop = openReader();
  expect(await shop.reads(newToken())).toBeUndefined();
  expect(await shop.writes(newToken())).toBeUndefined();
});

test('an ended session is over for readers at once, also while the user service is away', async () => {
  const shop = openReader();
  const token = loggedIn(shop);
  await shop.reads(token);
  await shop.end(token);
  expect(await shop.reads(token)).toBeUndefined();
  shop.leave();
  expect(await shop.reads(token)).toBeUndefined();
});

test('without the user service, readers know people for ten minutes, and writers nobody', async () => {
  const shop = openReader();
  const token = loggedIn(shop);
  await shop.reads(token);
  shop.leave();
  // The lives of entries differ by a tenth, so that they do not end together.
  shop.pass(8 * MINUTE);
  expect(await shop.reads(token)).toMatchObject(ada);
  await expect(shop.writes(token)).rejects.toThrow(UsersUnavailableError);
  await expect(shop.reads(token, 'record')).rejects.toThrow(UsersUnavailableError);
  await expect(shop.reads(newToken())).rejects.toThrow(UsersUnavailableError);
  shop.pass(3 * MINUTE + 1);
  await expect(shop.reads(token)).rejects.toThrow(UsersUnavailableError);
});

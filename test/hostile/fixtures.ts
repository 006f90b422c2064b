import { uuidv7 } from 'uuidv7';
import { insertAccount } from '../../lambda/users/accounts/repository';
import { createPasswords } from '../../lambda/users/passwords';
import { insertSession } from '../../lambda/users/sessions/repository';
import { newToken, tokenHash } from '../../lambda/users/sessions/tokens';
import type { Route } from '../support/openapi';
import type { Received, Sent } from './send';
import type { Server } from './server';

export const WHO = ['anonymous', 'customer', 'staff'] as const;
type Who = (typeof WHO)[number];

/** The password in the documents' examples, so that requests made of these are right. */
export const PASSWORD = 'correct horse battery';

export interface Member {
  readonly id: string;
  readonly email: string;
  readonly token: string;
  readonly sessionId: string;
}

/** Values that make a request right, but for its one mistake. */
export interface Facts {
  readonly member: Member | undefined;
  /** Values of path parameters. */
  readonly params: Readonly<Record<string, string>>;
  readonly productId: string;
  readonly email: string;
  readonly unique: string;
}

export interface Fixtures {
  readonly members: readonly Member[];
  readonly productIds: readonly string[];
  /** Makes a new account, without the cost of registering. */
  join(role: 'customer' | 'staff'): Promise<Member>;
  factsFor(route: Route, who: Who): Promise<Facts>;
}

type Send = (sent: Sent) => Promise<Received>;

/** Makes the accounts, products and photos of requests: through the API, but for accounts. */
export async function createFixtures({ usersSql }: Server, send: Send): Promise<Fixtures> {
  const passwordHash = await createPasswords({ memoryCost: 64, timeCost: 1, parallelism: 1 }).hash(PASSWORD);
  const members: Member[] = [];
  const productIds: string[] = [];
  let count = 0;

  const join: Fixtures['join'] = async (role) => {
    const [id, sessionId, token, at] = [uuidv7(), uuidv7(), newToken(), Date.now()];
    const email = `member-${++count}@example.com`;
    await insertAccount(usersSql, { id, email, name: 'A Member', role, passwordHash, createdAt: at });
    const times = { createdAt: at, lastSeenAt: at, expiresAt: at + 3_600_000 };
    await insertSession(usersSql, { id: sessionId, userId: id, userAgent: null, ...times }, tokenHash(token));
    const member = { id, email, token, sessionId };
    members.push(member);
    return member;
  };
  const clerk = await join('staff');

  const post = async (member: Member, target: string, body?: unknown): Promise<{ id: string }> => {
    const { status, body: text } = await send({
      method: 'POST',
      target,
      headers: [
        ['authorization', `Bearer ${member.token}`],
        ['content-type', 'application/json'],
        ['idempotency-key', `fixtures-key-${++count}`],
      ],
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
    });
    if (status >= 300) throw new Error(`${target} of the fixtures was answered ${status} ${text}`);
    return JSON.parse(text);
  };
  const product = async () => {
    const price = { amount: 1_000_000_000, currency: 'USD' };
    const { id } = await post(clerk, '/api/products', { category: 'c', name: 'n', description: '', price });
    await post(clerk, `/api/products/${id}/ledger`, { kind: 'received', quantity: 1000 });
    productIds.push(id);
    return id;
  };
  const photo = async (productId: string) =>
    post(clerk, `/api/products/${productId}/photos`, {
      bytes: 9,
      type: 'image/png',
      sha256: `${'A'.repeat(43)}=`,
    });

  let current = await product();
  let withPhotos = await product();
  let [uses, photos] = [0, 0];

  return {
    members,
    productIds,
    join,
    factsFor: async ({ path }, who) => {
      if (++uses % 25 === 0) current = await product();
      const productId = current;
      const member = who === 'anonymous' ? undefined : await join(who);
      const params: Record<string, string> = { id: productId };
      if (path.includes('/photos')) {
        if (++photos % 10 === 0) withPhotos = await product();
        params.id = withPhotos;
        if (path.includes('{photoId}')) params.photoId = (await photo(params.id)).id;
      }
      if (path.startsWith('/api/reservations/')) {
        const items = [{ productId, quantity: 2 }];
        // Not the clerk: one account may not hold that many pieces.
        const owner = member ?? (await join('customer'));
        params.id = (await post(owner, '/api/reservations', { items })).id;
      }
      if (path.startsWith('/api/sessions')) params.id = member?.sessionId ?? clerk.sessionId;
      const email = path === '/api/sessions' ? (member ?? clerk).email : `new-${++count}@example.com`;
      return { member, params, productId, email, unique: `unique-${++count}` };
    },
  };
}

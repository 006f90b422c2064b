import { createShop } from '../../lambda/hosts/shop';
import { givesWroteCookie } from '../../lambda/hosts/wrote-cookie';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import type { Blobs } from '../../lambda/shared/blobs/blobs';
import { clientIpBehindProxies } from '../../lambda/shared/http/client-ip';
import { createFreshReads, type FreshReads } from '../../lambda/shared/http/fresh-reads';
import { type Fetch, serve } from '../../lambda/shared/http/serve';
import { createLog } from '../../lambda/shared/runtime/log';
import { migrate } from '../../lambda/shared/sql/migrations';
import { openSql } from '../../lambda/shared/sql/open';
import { createSigningKeys, type SigningKeys } from '../../lambda/shared/sql/signing-keys';
import type { Sql } from '../../lambda/shared/sql/sql';
import { usersMigrations } from '../../lambda/users/migrations';
import { cleanup, closing } from '../support/cleanup';
import { type Engine, engines } from '../support/engines';
import { describeWith } from './support';
import { WebTier } from './web-tier';

jest.setTimeout(300_000);

const STAFF = { email: 'staff@example.com', password: 'correct horse battery' };
/** The least time that nginx caches a product, and so the interval of the reads that reach the application. */
const KEPT_MS = 2000;
const MANY = 10_000;
const AT_ONCE = 32;

describeWith('nginx', 'openssl')('reading past the copies, at nginx and the shop itself', () => {
  const [engine] = engines() as [Engine];
  const log = createLog({ write: () => undefined });
  let tier: WebTier;
  let statements = 0;
  /** From nginx to the read server: their ports. */
  const connections = new Set<number | undefined>();
  let keys: SigningKeys;
  let signed: FreshReads;
  let path: string;
  let token: string;
  /** Statements that one load of the product takes. */
  let oneLoad: number;

  beforeAll(async () => {
    const schemas = await Promise.all([engine.open('users'), engine.open('inventory')]);
    const [usersSql, inventorySql] = schemas;
    await Promise.all([migrate(usersSql, usersMigrations), migrate(inventorySql, inventoryMigrations)]);
    // As a process of its own has them.
    const readUsers = closing(await openSql(usersSql.url));
    const readInventory = closing(await openSql(inventorySql.url));
    const usual = { log, blobs: {} as Blobs, clientIp: clientIpBehindProxies };

    const writerKeys = createSigningKeys(inventorySql);
    await writerKeys.rotate();
    signed = createFreshReads(writerKeys);
    const writer = createShop({ ...usual, usersSql, inventorySql });
    keys = createSigningKeys(readInventory);
    await keys.refresh();
    const reader = createShop({
      ...{ ...usual, usersSql: readUsers, inventorySql: counted(readInventory) },
      mayReadFresh: createFreshReads(keys).pay,
    });

    tier = await WebTier.start({ read: 1, write: 1 });
    for (const [pool, fetch] of [
      [
        'read',
        (request, bindings) => {
          connections.add(bindings.incoming.socket.remotePort);
          return reader.fetch(request, bindings);
        },
      ],
      ['write', givesWroteCookie(writer.fetch, signed)],
    ] as readonly (readonly ['read' | 'write', Fetch])[]) {
      const port = tier[pool][0]?.port ?? 0;
      await tier[pool][0]?.stop();
      cleanup((await serve({ fetch, log, port, tls: tier.pair })).stop);
    }

    await change('POST', '/api/users', { ...STAFF, name: 'Staff' });
    await writer.users.grantStaff(STAFF.email);
    token = JSON.parse((await change('POST', '/api/sessions', STAFF)).body).token;
    const facts = {
      category: 'tea',
      name: 'Mug',
      description: '',
      picture: null,
      price: { amount: 100, currency: 'USD' },
    };
    path = `/api/products/${JSON.parse((await change('POST', '/api/products', facts)).body).id}`;
    statements = 0;
    await tier.ask('GET', `${path}?first`);
    oneLoad = statements;
  });
  const counted = (sql: Sql): Sql => ({
    ...sql,
    query: (statement, values) => {
      statements += 1;
      return sql.query(statement, values);
    },
  });

  /** A change, which must succeed. */
  const change = async (method: string, to: string, body: unknown, headers = {}) => {
    const common = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
    const answer = await tier.ask(method, to, { ...common, ...headers }, JSON.stringify(body));
    if (answer.status >= 300) throw new Error(`${answer.status} ${answer.body}`);
    return answer;
  };
  const rename = (name: string) => change('PATCH', path, { name }, { 'If-Match': '*' });
  const cookieOf = ({ headers }: Awaited<ReturnType<typeof change>>) =>
    (headers['set-cookie'] ?? []).find((cookie) => cookie.startsWith('wrote='))?.split(';')[0] ?? '';

  /**
   * So many reads, each by a customer of its own; how many statements they took, and how many any reads could in that
   * time.
   */
  async function read(times: number, headersOf: (at: number) => Record<string, string> = () => ({})) {
    const before = statements;
    const began = performance.now();
    let at = 0;
    const reading = async () => {
      while (at < times) {
        const headers = headersOf(at++);
        // On a busy machine nginx may get no connection in its one second.
        while ((await tier.ask('GET', path, headers)).status !== 200);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, reading));
    const ms = performance.now() - began;
    return { took: statements - before, ms, usual: oneLoad * (1 + Math.floor(ms / KEPT_MS)) };
  }

  it('shows a client its own change, in an answer that no cache may keep', async () => {
    await read(1);
    for (const name of ['Cup', 'Glass', 'Bowl']) {
      const cookie = cookieOf(await rename(name));
      expect(cookie).toMatch(/^wrote=\d{13}\.[\w-]{11}\.[\w-]{43}$/);
      const { headers, body } = await tier.ask('GET', path, { Cookie: cookie });
      expect(JSON.parse(body)).toMatchObject({ name });
      expect(headers['cache-control']).toBe('private, no-store');
    }
  });

  it('costs 10,000 readers with forged cookies not one statement more than those without', async () => {
    const [end = '', client = '', mac = ''] = (signed.valueFor('192.0.2.1') ?? '').split('.');
    const strangers = createFreshReads({ current: () => 'another key', all: () => [] });
    const old = createFreshReads(keys, () => Date.now() - 61_000).valueFor('192.0.2.1');
    const forged = [
      (at: number) => ({ Cookie: `wrote=${at}` }),
      (at: number) => ({ Cookie: `wrote=${strangers.valueFor(`${at}`)}` }),
      (at: number) => ({ Cookie: `wrote=${Number(end) + at + 1}.${client}.${mac}` }),
      (at: number) => ({ Cookie: `wrote=${end}.${String(at).padStart(11, 'a')}.${mac}` }),
      () => ({ Cookie: `wrote=${old}` }),
      (at: number) => ({ Cookie: `session=${at}`, 'X-Fresh': '1' }),
      (at: number) => ({ Authorization: `Bearer ${String(at).padStart(43, 'a')}` }),
    ];
    const without = await read(MANY / 10);
    const withThem = await read(MANY, (at) => forged[at % forged.length]?.(at) ?? {});
    for (const { took, usual } of [without, withThem]) expect(took).toBeLessThanOrEqual(usual);
    expect(connections.size).toBeLessThan(MANY / 10);
  });

  it('charges a cookie to its owner, even when other addresses send it', async () => {
    const cookie = cookieOf(await rename('Jug'));
    expect((await tier.ask('GET', path, { Cookie: cookie })).body).toContain('"Jug"');
    const { took, ms, usual } = await read(MANY / 10, () => ({ Cookie: cookie }));
    // Thirty at once, then one a second.
    expect(took).toBeLessThanOrEqual(usual + oneLoad * (30 + Math.ceil(ms / 1000)));
  });

  it('has a total budget for all clients, beyond which they get cached answers', async () => {
    const cookies = Array.from({ length: MANY / 10 }, (_, at) => signed.valueFor(`10.0.0.${at}`));
    const { took, ms, usual } = await read(MANY / 10, (at) => ({ Cookie: `wrote=${cookies[at]}` }));
    // A hundred at once, then fifty a second.
    expect(took).toBeLessThanOrEqual(usual + oneLoad * (100 + Math.ceil(ms / 20)));
    const { status, headers } = await tier.ask('HEAD', path, { Cookie: 'wrote=forged' });
    expect([status, headers['cache-control']]).toEqual([200, expect.stringMatching(/^public/)]);
  });
});

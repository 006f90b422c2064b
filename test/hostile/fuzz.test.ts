import fc from 'fast-check';
import { engines } from '../support/engines';
import { type OpenApi, type Route, routeOf, routesOf } from '../support/openapi';
import { type Conform, conformance } from '../support/openapi-conformance';
import { ROUNDS, SEED } from '../support/rounds';
import { createFixtures, type Fixtures, type Member, PASSWORD, WHO } from './fixtures';
import { rawSocket } from './raw-socket';
import { mistakeIn, nameOf, placesOf } from './requests';
import { createSender, type Received, type Sent } from './send';
import { lineWith, type Server, startServer } from './server';
import { dataFaults, suspiciousLines } from './server-health';

/** Over all engines. */
const REQUESTS = 1500 * ROUNDS;

const DOCUMENTS = ['/api/users/openapi.json', '/api/inventory/openapi.json'];

/** Text that must never leave a server. */
const INSIDES =
  /node_modules|\bat \S+ \(|\.[cm]?[jt]s:\d+|SQLITE|SQLSTATE|\bER_[A-Z_]{4,}|libsql|mysql|mariadb|argon2|error in your SQL|SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|TypeError|ECONN/i;
/** A longer problem would contain the request several times. */
const LONGEST_PROBLEM = 24_000;

interface Api {
  readonly document: OpenApi;
  readonly conform: Conform;
}

const all = engines();

describe.each(all)('the whole shop on $name', (engine) => {
  let server: Server;
  let sender: ReturnType<typeof createSender>;
  let fixtures: Fixtures;
  let apis: Api[];
  const tally: Record<number, number> = {};
  /** Tokens that the API gave out. */
  const given = new Set<string>();

  beforeAll(async () => {
    server = await startServer(engine);
    sender = createSender(server.port);
    fixtures = await createFixtures(server, sender.send);
    apis = await Promise.all(
      DOCUMENTS.map(async (target) => {
        const { body } = await sender.send({ method: 'GET', target, headers: [] });
        const document: OpenApi = JSON.parse(body);
        return { document, conform: conformance(document) };
      }),
    );
  });

  it(`answers about ${Math.round(REQUESTS / all.length)} hostile requests as it says, in every place of every route`, async () => {
    const targets = apis.flatMap(({ document, conform }) =>
      routesOf(document).map((route) => ({ route, document, conform, places: placesOf(route, document) })),
    );
    const places = targets.reduce((sum, target) => sum + target.places.length, 0);
    const each = Math.ceil(REQUESTS / all.length / places);
    const tried = new Set<string>();
    for (const { route, document, conform, places } of targets) {
      for (const place of places) {
        const mistaken = fc.record({
          mistake: mistakeIn(place, route, document),
          who: fc.constantFrom(...whoMayTry(route)),
        });
        const property = fc.asyncProperty(mistaken, async ({ mistake, who }) => {
          const sent = mistake.make(await fixtures.factsFor(route, who));
          const received = await sender.send(sent);
          for (const [token] of received.body.matchAll(/(?<="token":")[\w-]{43}/g)) given.add(token);
          tally[received.status] = (tally[received.status] ?? 0) + 1;
          tried.add(`${route.method} ${route.path} ${nameOf(place)}`);
          try {
            assertHarmless(sent, received, conform);
          } catch (error) {
            throw new Error(`${mistake.what} as ${who}: ${(error as Error).message}`);
          }
        });
        await fc.assert(property, {
          seed: SEED,
          numRuns: each,
          reporter: ({ failed, errorInstance, counterexamplePath }) => {
            if (failed)
              throw new Error(
                `${route.method} ${route.path}, ${nameOf(place)}, SEED=${SEED} ${counterexamplePath}: ${errorInstance}`,
              );
          },
        });
      }
    }
    // Every place had its turn, so a new field is fuzzed without a change of this test.
    expect(tried.size).toBe(
      new Set(
        targets.flatMap(({ route, places }) =>
          places.map((place) => `${route.method} ${route.path} ${nameOf(place)}`),
        ),
      ).size,
    );
    // And some mistakes passed the schemas, in reads and in writes: which of them is a matter of chance.
    const { 200: read = 0, 201: made = 0, 204: removed = 0 } = tally;
    expect([read > 0, made + removed > 0]).toEqual([true, true]);
  });

  it('left no write half done', async () => {
    expect(await dataFaults(server)).toEqual([]);
  });

  it('reads every row through the API', async () => {
    const read = async (target: string, { token }: Member) => {
      const received = await sender.send({
        method: 'GET',
        target,
        headers: [['authorization', `Bearer ${token}`]],
      });
      const path = target.split('?', 1)[0] ?? '';
      for (const { conform } of apis.filter(({ document }) => routeOf(routesOf(document), 'GET', path)))
        conform({ method: 'GET', path, ...received });
      return { status: received.status, json: JSON.parse(received.body) };
    };
    const readAll = async (target: string, member: Member) => {
      const items: { id: string }[] = [];
      for (let after = ''; ; ) {
        const { json } = await read(`${target}?limit=100${after}`, member);
        items.push(...json.items);
        if (!json.next) return items.map(({ id }) => id);
        after = `&after=${json.next}`;
      }
    };
    const idsIn = async (from: string, values: readonly string[] = []) =>
      (await server.inventorySql.query<{ id: string }>(`SELECT id FROM ${from}`, values)).map(({ id }) => id);

    const clerk = await fixtures.join('staff');
    const productIds = await idsIn('products ORDER BY id DESC');
    expect(await readAll('/api/products', clerk)).toEqual(productIds);
    for (const id of productIds) {
      const product = `/api/products/${id}`;
      expect((await read(product, clerk)).status).toBe(200);
      const { available } = (await read(product, clerk)).json;
      expect((await read(`${product}/stock`, clerk)).json.available).toBe(available);
      const lines = await idsIn('ledger WHERE product_id = ? ORDER BY id DESC', [id]);
      expect(await readAll(`${product}/ledger`, clerk)).toEqual(lines);
      const photos = await idsIn("photos WHERE product_id = ? AND status <> 'deleting'", [id]);
      expect((await read(`${product}/photos`, clerk)).json.items).toHaveLength(photos.length);
    }
    let reservations = 0;
    for (const member of fixtures.members) {
      const { status } = await read('/api/users/me', member);
      // Some deleted their account, or ended their session.
      if (status === 401) continue;
      const own = await idsIn('reservations WHERE user_id = ? ORDER BY id DESC', [member.id]);
      expect(await readAll('/api/reservations', member)).toEqual(own);
      reservations += own.length;
    }
    expect(reservations).toBeGreaterThan(0);
  });

  it('finishes requests in flight when it stops', async () => {
    const slow = rawSocket(server.port);
    slow.write(
      `POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`,
    );
    // Answered after the other one arrived, since it came later.
    await sender.send({ method: 'GET', target: '/healthz', headers: [] });
    const ended = server.terminate();
    await lineWith(server, 'stopping');
    slow.write(`"email":"nobody@example.com","password":"x"}`.padEnd(49));
    expect(await slow.answer()).toMatch(/^HTTP\/1.1 401 [\s\S]*wrong-credentials/);
    sender.close();
    expect(await ended).toBe(0);
  });

  it('logged every request, no error and no secret', () => {
    const secrets = new Set([...fixtures.members.map(({ token }) => token), ...given]);
    expect(suspiciousLines(server.lines, secrets, [PASSWORD, 'staple staple'])).toEqual([]);
    expect(server.lines.filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(
      REQUESTS / all.length,
    );
  });
});

/** The roles to try a route with. The role that gets furthest is tried more often. */
function whoMayTry({ path, operation }: Route) {
  if (!operation.security) return WHO;
  const isForStaff = /^\/api\/products/.test(path);
  return [...WHO, ...(isForStaff ? (['staff', 'staff'] as const) : (['customer', 'customer'] as const))];
}

function assertHarmless({ method, target, body }: Sent, received: Received, conform: Conform): void {
  const { status, type, body: text } = received;
  const path = target.split('?', 1)[0] ?? '';
  // Node's own refusal of invalid HTTP or of headers that are too large, before any code of the shop runs.
  if ([400, 431].includes(status) && type === null && text === '') return;
  conform({ method, path, status, type, body: text });
  if (status >= 500 && !(status === 503 && ['busy', 'overloaded'].includes(JSON.parse(text).type)))
    throw new Error(`A ${status}: ${text}`);
  if (status < 400) return;
  if (text.length > LONGEST_PROBLEM) throw new Error(`A problem of ${text.length} characters`);
  const said = INSIDES.exec(text)?.[0];
  const asked = `${decoded(target)} ${body}`;
  if (said && !asked.includes(said)) throw new Error(`It tells of its inside: ${text}`);
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

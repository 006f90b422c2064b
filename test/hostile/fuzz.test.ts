import fc from 'fast-check';
import { type Conform, conformance } from '../support/conforms';
import { engines } from '../support/engines';
import { type OpenApi, type Route, routeOf, routesOf } from '../support/openapi';
import { telltales, wrongs } from './aftermath';
import { mistakeIn, nameOf, placesOf } from './requests';
import { createSender, type Received, type Sent } from './send';
import { lineWith, type Server, startServer } from './server';
import { rawSocket } from './sockets';
import { createWorld, type Member, PASSWORD, WHO, type World } from './world';

/** Over all engines; `FUZZ_REQUESTS=100000 FUZZ_SEED=$RANDOM npx jest test/hostile/fuzz` looks further. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 2000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_260_301);
jest.setTimeout(60_000 + REQUESTS * 100);

const DOCUMENTS = ['/api/users/openapi.json', '/api/inventory/openapi.json'];

/** What only the inside of a server says. */
const INSIDES =
  /node_modules|\bat \S+ \(|\.[cm]?[jt]s:\d+|SQLITE|SQLSTATE|\bER_[A-Z_]{4,}|libsql|mysql|mariadb|argon2|error in your SQL|SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|TypeError|ECONN/i;
/** Longer would be more than what was asked, times something. */
const LONGEST_PROBLEM = 24_000;

interface Api {
  readonly document: OpenApi;
  readonly conform: Conform;
}

const all = engines();

describe.each(all)('the whole shop on $name', (engine) => {
  let server: Server;
  let sender: ReturnType<typeof createSender>;
  let world: World;
  let apis: Api[];
  const tally: Record<number, number> = {};
  /** Tokens that the API gave out. */
  const given = new Set<string>();

  beforeAll(async () => {
    server = await startServer(engine);
    sender = createSender(server.port);
    world = await createWorld(server, sender.send);
    apis = await Promise.all(
      DOCUMENTS.map(async (target) => {
        const { body } = await sender.send({ method: 'GET', target, headers: [] });
        const document: OpenApi = JSON.parse(body);
        return { document, conform: conformance(document) };
      }),
    );
  });
  afterAll(async () => {
    sender?.close();
    await server?.close();
    await engine.stop();
  });

  it(`answers about ${REQUESTS / all.length} hostile requests as it says, in every place of every route`, async () => {
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
          const sent = mistake.make(await world.factsFor(route, who));
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
          interruptAfterTimeLimit: 60_000 + REQUESTS * 100,
          reporter: ({ failed, errorInstance, counterexamplePath }) => {
            if (failed)
              throw new Error(
                `${route.method} ${route.path}, ${nameOf(place)}, ${counterexamplePath}: ${errorInstance}`,
              );
          },
        });
      }
    }
    // Every place had its turn: a new field is fuzzed without anybody thinking of it.
    expect(tried.size).toBe(
      new Set(
        targets.flatMap(({ route, places }) =>
          places.map((place) => `${route.method} ${route.path} ${nameOf(place)}`),
        ),
      ).size,
    );
    // And the mistakes reached what is behind the schemas.
    expect(tally).toMatchObject({
      200: expect.any(Number),
      201: expect.any(Number),
      204: expect.any(Number),
    });
    if (process.env.FUZZ_REQUESTS) process.stderr.write(`${engine.name}: ${JSON.stringify(tally)}\n`);
  });

  it('has no write half done', async () => {
    expect(await wrongs(server)).toEqual([]);
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

    const clerk = await world.join('staff');
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
    for (const member of world.members) {
      const { status } = await read('/api/users/me', member);
      // Some deleted their account, or ended their session.
      if (status === 401) continue;
      const own = await idsIn('reservations WHERE user_id = ? ORDER BY id DESC', [member.id]);
      expect(await readAll('/api/reservations', member)).toEqual(own);
      reservations += own.length;
    }
    expect(reservations).toBeGreaterThan(0);
  });

  it('finishes what is under way when it is told to stop', async () => {
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
    const secrets = new Set([...world.members.map(({ token }) => token), ...given]);
    expect(telltales(server.lines, secrets, [PASSWORD, 'staple staple'])).toEqual([]);
    expect(server.lines.filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(
      REQUESTS / all.length,
    );
  });
});

/** Who gets further is tried more often. */
function whoMayTry({ path, operation }: Route) {
  if (!operation.security) return WHO;
  const isForStaff = /^\/api\/products/.test(path);
  return [...WHO, ...(isForStaff ? (['staff', 'staff'] as const) : (['customer', 'customer'] as const))];
}

function assertHarmless({ method, target, body }: Sent, received: Received, conform: Conform): void {
  const { status, type, body: text } = received;
  const path = target.split('?', 1)[0] ?? '';
  // Node's own refusal of what is no HTTP, or more header than it takes: before anything of the shop runs.
  if ([400, 431].includes(status) && type === null && text === '') return;
  conform({ method, path, status, type, body: text });
  if (status >= 500 && !(status === 503 && JSON.parse(text).type === 'busy'))
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

import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { faultNamed } from '../../lab/faults/faults';
import { poisson } from '../../lab/load/arrivals';
import type { Load } from '../../lab/load/generator';
import { seeded } from '../../lab/load/random';
import { openStage, type Stage } from '../../lab/scenarios/open';
import { type LabShop, openLabShop } from '../../lab/servers/shop';
import { type Phase, phaseNumbered } from '../../lib/phases';
import { serversOf } from '../local/phase-servers';
import { eventually } from '../support/until';

const phase6 = phaseNumbered(6) as Phase;
const say = () => undefined;
const MIX = { product: 10, 'front page': 3, 'own orders': 3, profile: 2, buy: 2, 'log in': 0.5 } as const;
const RATE = 30;
const BEFORE_S = 1;
const AFTER_S = 6;

(serversOf(6) ? describe : describe.skip)('phase 6 under load', () => {
  let shop: LabShop;
  let stage: Stage;
  beforeAll(async () => {
    shop = await openLabShop({ phase: phase6, say });
    stage = await openStage(shop, { products: 300, customers: 100, seed: 6, say });
  }, 240_000);
  afterAll(async () => {
    try {
      await stage?.close();
    } finally {
      await shop?.close();
    }
  }, 120_000);

  async function ask(method: string, path: string, token: string, body?: unknown): Promise<IncomingMessage> {
    const asked = request({
      ...{ host: '127.0.0.1', port: shop.target.port, rejectUnauthorized: false, method, path },
      headers: {
        Host: 'shop.example',
        Authorization: `Bearer ${token}`,
        'X-Forwarded-For': '198.51.100.9',
        'Content-Type': 'application/json',
        'Idempotency-Key': `fault-${Math.random()}`.replace('.', '-'),
      },
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer.resume();
  }

  /** Everybody is seen once, so that the shared cache has a copy of each session. */
  const seeEverybody = async () => {
    for (const { token } of stage.fixtures.customers) {
      await eventually(async () =>
        expect((await ask('GET', '/api/reservations', token)).statusCode).toBe(200),
      );
    }
  };

  /** A load, with a fault in the middle of it, and what is asked during the fault. */
  async function during(name: string, meanwhile = async () => {}): Promise<Load['kinds']> {
    const fault = faultNamed(name);
    if (!fault) throw new Error(`There is no fault ${name}`);
    await seeEverybody();
    const seconds = BEFORE_S + fault.seconds + AFTER_S;
    const happens = (async () => {
      await sleep(BEFORE_S * 1000);
      const undo = await fault.inject(shop);
      await Promise.all([sleep(fault.seconds * 1000), meanwhile()]).finally(undo);
    })();
    const load = await stage.run(
      MIX,
      poisson(() => RATE, RATE, seconds, seeded(name.length)),
    );
    await happens;
    const counts = Object.entries(load.kinds).map(
      ([kind, { requests, errors }]) => `${kind} ${requests} ${JSON.stringify(errors)}`,
    );
    console.info(`${name}: ${counts.join(', ')}`);
    return load.kinds;
  }

  /** Answers again by itself. */
  const everythingWorks = () =>
    eventually(async () => {
      const { kinds } = await stage.run(
        MIX,
        poisson(() => RATE, RATE, 2, seeded(1)),
      );
      expect(kinds.all?.errors).toEqual({});
    });

  const errorsOf = (kinds: Load['kinds'], names: readonly string[]) =>
    Object.fromEntries(names.map((kind) => [kind, kinds[kind]?.errors ?? {}]));
  const none = (names: readonly string[]) => Object.fromEntries(names.map((kind) => [kind, {}]));

  const WITHOUT_USERS = ['product', 'front page', 'own orders'];
  it.each(['kill-users', 'freeze-users', 'slow-users'])(
    '%s: browsing goes on, and people are recognised by copies of their sessions',
    async (name) => {
      const [somebody] = stage.fixtures.customers;
      const [product] = stage.fixtures.shelves;
      const kinds = await during(name, async () => {
        if (name !== 'freeze-users') return;
        const items = [{ productId: product?.id, quantity: 1 }];
        const refused = await ask('POST', '/api/reservations', somebody?.token ?? '', { items });
        expect([refused.statusCode, refused.headers['retry-after']]).toEqual([
          503,
          expect.stringMatching(/^[1-5]$/),
        ]);
      });
      expect(errorsOf(kinds, WITHOUT_USERS)).toEqual(none(WITHOUT_USERS));
      // A purchase needs to know its buyer for sure: it is refused, and nothing else goes wrong.
      const buying = { ...kinds.reserve?.errors, ...kinds.confirm?.errors };
      expect(Object.keys(buying).filter((error) => error !== '503 users-unavailable')).toEqual([]);
      await everythingWorks();
    },
    180_000,
  );

  const WITHOUT_INVENTORY = ['profile', 'log in'];
  it.each(['kill-inventory', 'freeze-inventory', 'slow-inventory'])(
    '%s: people log in, and see their accounts',
    async (name) => {
      const kinds = await during(name);
      expect(errorsOf(kinds, WITHOUT_INVENTORY)).toEqual(none(WITHOUT_INVENTORY));
      await everythingWorks();
    },
    180_000,
  );

  it('has exactly the rows that were acknowledged, after all of that', async () => {
    expect(await stage.check()).toEqual([]);
    // Without inventory, nginx shows its last copy of a product, whose stock has gone on.
    const others = Object.keys(stage.wrongAnswers).filter((wrong) => !/^wrong: \d+ available/.test(wrong));
    expect(others).toEqual([]);
  }, 60_000);
});

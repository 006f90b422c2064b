import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { findProduct } from '../../../../lambda/inventory/catalog/repository';
import { stampedInTime } from '../../../../lambda/inventory/stock/repository';
import { engines } from '../../../support/engines';
import { customer, openShop, type Shop, STAFF } from '../shop';

interface Row {
  readonly revision: number;
  readonly changedAt: number;
}

type Step =
  | { readonly kind: 'receive' | 'correct' | 'reserve'; readonly product: number; readonly quantity: number }
  | { readonly kind: 'confirm' | 'release'; readonly reservation: number }
  | { readonly kind: 'edit' | 'picture'; readonly product: number }
  | { readonly kind: 'expire' };

const product = fc.nat(2);
const quantity = fc.integer({ min: 1, max: 4 });
const reservation = fc.nat(5);
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('receive', 'correct', 'reserve', 'reserve'), product, quantity }),
  fc.record({ kind: fc.constantFrom('confirm', 'release'), reservation }),
  fc.record({ kind: fc.constantFrom('edit', 'picture'), product }),
  fc.record({ kind: fc.constant('expire') }),
);

describe.each(engines())('the revision of a product on $name', (engine) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(engine);
  });

  const rowOf = async (id: string) => {
    const [row] = await shop.sql.query<Row>(
      'SELECT revision, changed_at AS changedAt FROM stock WHERE product_id = ?',
      [id],
    );
    if (!row) throw new Error(`${id} has no stock`);
    return row;
  };

  const stateOf = async (id: string) => {
    const found = await findProduct(shop.sql, id);
    const { changedAt } = await rowOf(id);
    return { changedAt, revision: found?.revision ?? 0, shown: { ...found, revision: undefined } };
  };

  async function take(step: Step, ids: readonly string[], held: string[]): Promise<void> {
    const key = crypto.randomUUID();
    const idOf = (n: number) => ids[n] as string;
    const as = customer(1);
    switch (step.kind) {
      case 'receive':
        await shop.stock.write(
          idOf(step.product),
          { kind: 'received', quantity: step.quantity, reason: null },
          STAFF,
          key,
        );
        return;
      case 'correct': {
        const entry = { kind: 'adjusted', quantity: -step.quantity, reason: 'broken' } as const;
        // Refused where too few would be left.
        await shop.stock.write(idOf(step.product), entry, STAFF, key).catch(() => undefined);
        return;
      }
      case 'reserve': {
        const cart = { [idOf(step.product)]: step.quantity, [idOf((step.product + 1) % 3)]: 1 };
        const answer = await shop.reserve(as, cart, key);
        if (answer.status === 201) held.push(((await answer.json()) as { id: string }).id);
        return;
      }
      case 'confirm':
      case 'release': {
        const id = held[step.reservation];
        if (id) await shop.ask('POST', `/api/reservations/${id}/${step.kind}`, { as });
        return;
      }
      case 'edit':
        await shop.catalog.edit(idOf(step.product), () => true, { name: key });
        return;
      case 'picture':
        await shop.catalog.setPicture(idOf(step.product), `/pictures/${key}.svg`);
        return;
      case 'expire':
        shop.clock.now += 15 * 60_000;
        await shop.sweep();
    }
  }

  test('grows, with a time stamp, whenever what is shown of it changes', async () => {
    const runs = fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 15 }), async (taken) => {
      const ids = [await shop.add({}, 9), await shop.add({}, 5), await shop.add()];
      const held: string[] = [];
      let before = await Promise.all(ids.map(stateOf));
      for (const step of taken) {
        shop.clock.now += 1;
        await take(step, ids, held);
        const after = await Promise.all(ids.map(stateOf));
        for (const [n, now] of after.entries()) {
          const { revision, shown } = before[n] as (typeof before)[number];
          if (now.revision === revision) expect(now.shown).toEqual(shown);
          else {
            expect(now.revision).toBeGreaterThan(revision);
            expect(now.changedAt).toBe(shop.clock.now);
          }
        }
        before = after;
      }
    });
    await fc.assert(runs, { numRuns: 12 });
  });

  test('is 1 for a new product, and for one that an older release makes or changes', async () => {
    const id = await shop.add();
    expect(await rowOf(id)).toEqual({ revision: 1, changedAt: shop.clock.now });
    await shop.sql.execute('INSERT INTO stock (product_id, on_hand, reserved) VALUES (?, 0, 0)', ['old']);
    expect(await rowOf('old')).toEqual({ revision: 1, changedAt: 0 });
  });

  test.each([
    ['of its change in a transaction that takes a second', 500, [1000, 1500]],
    ['of the end of a transaction that waited for another', 501, [2002, 2002]],
  ])('has a stamp %s', async (_, ms, stamps) => {
    const [one, other] = [await shop.add(), await shop.add()];
    let now = 1000;
    const touch = 'UPDATE stock SET revision = revision + 1, changed_at = ? WHERE product_id = ?';
    await shop.sql.transaction((tx) =>
      stampedInTime(
        tx,
        [one, other],
        () => now,
        async (id, at) => {
          await tx.execute(touch, [at, id]);
          now += ms;
        },
      ),
    );
    const rows = [await rowOf(one), await rowOf(other)];
    expect(rows.map(({ changedAt }) => changedAt)).toEqual(stamps);
  });
});

test('no statement of the shop changes stock without its revision', () => {
  const folder = join(__dirname, '../../../../lambda');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const updates = files.flatMap((file) => [
    ...readFileSync(join(folder, file), 'utf8').matchAll(/['`][^'`]*\bUPDATE\s+stock\b[^'`]*/gi),
  ]);
  expect(updates.length).toBeGreaterThan(3);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the sources have it so
  expect(updates.map(([text]) => text).filter((text) => !text.includes('${REVISED}'))).toEqual([]);
});

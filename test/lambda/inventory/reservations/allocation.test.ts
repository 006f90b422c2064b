import fc from 'fast-check';
import { NoSuchProductError } from '../../../../lambda/inventory/catalog/errors';
import { allocate, type ProductStock } from '../../../../lambda/inventory/reservations/allocation';
import {
  HoldLimitError,
  MixedCurrenciesError,
  OutOfStockError,
} from '../../../../lambda/inventory/reservations/errors';
import { HOLD_LIMITS, type Holding, holdingWith } from '../../../../lambda/inventory/reservations/holding';
import type { Line } from '../../../../lambda/inventory/reservations/reservation';

interface Cart {
  readonly userId: string;
  readonly lines: readonly Line[];
}
type Shelf = ReadonlyMap<string, ProductStock>;

const NOTHING: ReadonlyMap<string, Holding> = new Map();
/** With the carts that are neither fitting nor refused. */
function pack(all: readonly Cart[], shelf: Shelf, held = NOTHING) {
  const { fitting, refused } = allocate(all, shelf, held);
  const waiting = all.filter((cart) => !fitting.includes(cart) && !refused.has(cart));
  return { fitting, refused, waiting };
}

const USD = { amount: 100, currency: 'USD' };
const on = (available: number, price = USD): ProductStock => ({
  name: 'thing',
  price,
  onSale: true,
  available,
});

const shelfOf = fc
  .array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 4 })
  .map((counts) => new Map(counts.map((count, n) => [`p${n}`, on(count)])));

const carts = fc.array(
  fc
    .uniqueArray(
      fc.record({ productId: fc.nat(4).map((n) => `p${n}`), quantity: fc.integer({ min: 1, max: 9 }) }),
      {
        selector: ({ productId }) => productId,
        minLength: 1,
        maxLength: 3,
      },
    )
    .chain((lines) => fc.nat(5).map((user): Cart => ({ userId: `u${user}`, lines }))),
  { maxLength: 30 },
);

/** The holdings of accounts before: within the limits, as always. */
const holdings = fc.dictionary(
  fc.nat(5).map((user) => `u${user}`),
  fc.dictionary(
    fc.nat(4).map((n) => `p${n}`),
    fc.integer({ min: 1, max: HOLD_LIMITS.ofProduct }),
  ),
);
const heldBy = (given: Readonly<Record<string, Readonly<Record<string, number>>>>) =>
  new Map(Object.entries(given).map(([userId, products]) => [userId, new Map(Object.entries(products))]));

const asks = (all: readonly Cart[], id: string) =>
  all
    .flatMap(({ lines }) => lines)
    .reduce((sum, line) => sum + (line.productId === id ? line.quantity : 0), 0);

test('carts that are reserved together never exceed the stock', () => {
  fc.assert(
    fc.property(shelfOf, carts, holdings, (shelf, all, held) => {
      const { fitting } = pack(all, shelf, heldBy(held));
      for (const [id, { available }] of shelf) expect(asks(fitting, id)).toBeLessThanOrEqual(available);
    }),
  );
});

test('a cart that fits is not refused, and none is listed twice', () => {
  fc.assert(
    fc.property(shelfOf, carts, holdings, (shelf, all, held) => {
      const { fitting, refused, waiting } = pack(all, shelf, heldBy(held));
      const answered = [...fitting, ...refused.keys(), ...waiting];
      expect(answered).toHaveLength(all.length);
      expect(new Set(answered)).toEqual(new Set(all));
    }),
  );
});

test('a cart is refused only if it would be so alone, and waits only because of carts before it', () => {
  fc.assert(
    fc.property(shelfOf, carts, holdings, (shelf, all, given) => {
      const held = heldBy(given);
      const { fitting, refused, waiting } = pack(all, shelf, held);
      for (const cart of refused.keys()) expect(pack([cart], shelf, held).fitting).toEqual([]);
      for (const cart of [...fitting, ...waiting]) expect(pack([cart], shelf, held).fitting).toEqual([cart]);
      for (const cart of waiting) {
        const before = fitting.filter((other) => all.indexOf(other) < all.indexOf(cart));
        expect(pack([...before, cart], shelf, held).waiting).toEqual([cart]);
      }
    }),
  );
});

test('carts that are reserved together never exceed the holding limits of an account', () => {
  const plenty = new Map([0, 1, 2, 3, 4].map((n) => [`p${n}`, on(1000)]));
  fc.assert(
    fc.property(carts, holdings, (all, given) => {
      const held = heldBy(given);
      const { fitting } = pack(all, plenty, held);
      for (const userId of new Set(fitting.map((cart) => cart.userId))) {
        const own = fitting.filter((cart) => cart.userId === userId).flatMap(({ lines }) => lines);
        const pieces = [...holdingWith(held.get(userId), own).values()];
        expect(Math.max(...pieces)).toBeLessThanOrEqual(HOLD_LIMITS.ofProduct);
        expect(pieces.reduce((sum, quantity) => sum + quantity, 0)).toBeLessThanOrEqual(
          HOLD_LIMITS.altogether,
        );
      }
    }),
  );
});

test('a refusal by the holding limits gives the holding, the request and the limits', () => {
  const shelf = new Map([['a', on(1000)]]);
  const cart = { userId: 'u', lines: [{ productId: 'a', quantity: 5 }] };
  const refused = (held: Holding) => pack([cart], shelf, new Map([['u', held]])).refused.get(cart);
  const tooManyOfOne = refused(new Map([['a', 8]])) as HoldLimitError;
  expect(tooManyOfOne).toBeInstanceOf(HoldLimitError);
  expect(tooManyOfOne.excess).toEqual({
    ...{ limits: { ofProduct: 10, altogether: 50 }, asked: 5, held: 8 },
    excesses: [{ productId: 'a', asked: 5, held: 8 }],
  });
  expect(tooManyOfOne.message).toContain('You hold 8 of a product and asked for 5');
  const others = new Map(['b', 'c', 'd', 'e', 'f'].map((id) => [id, 10]));
  const tooMany = refused(others) as HoldLimitError;
  expect(tooMany.excess).toMatchObject({ asked: 5, held: 50, excesses: [] });
  expect(tooMany.message).toContain('You hold 50 and asked for 5');
});

test('a refusal for lack of stock gives the missing products and their stock', () => {
  const cart = {
    userId: 'u',
    lines: [
      { productId: 'a', quantity: 3 },
      { productId: 'b', quantity: 1 },
    ],
  };
  const { refused } = pack(
    [cart],
    new Map([
      ['a', on(2)],
      ['b', on(1)],
    ]),
  );
  const error = refused.get(cart);
  expect(error).toBeInstanceOf(OutOfStockError);
  expect((error as OutOfStockError).shortages).toEqual([{ productId: 'a', asked: 3, available: 2 }]);
});

test('refuses a product that does not exist and a cart of two currencies, each with its own error', () => {
  const cart = {
    userId: 'u',
    lines: [
      { productId: 'a', quantity: 1 },
      { productId: 'b', quantity: 1 },
    ],
  };
  expect(pack([cart], new Map([['a', on(1)]])).refused.get(cart)).toBeInstanceOf(NoSuchProductError);
  const mixed = new Map([
    ['a', on(1)],
    ['b', on(1, { amount: 100, currency: 'EUR' })],
  ]);
  expect(pack([cart], mixed).refused.get(cart)).toBeInstanceOf(MixedCurrenciesError);
});

import fc from 'fast-check';
import { MixedCurrenciesError, NoSuchProductError, OutOfStockError } from '../../../lambda/inventory/errors';
import { type OnShelf, pack } from '../../../lambda/inventory/packing';

const USD = { amount: 100, currency: 'USD' };
const on = (available: number, price = USD): OnShelf => ({ name: 'thing', price, available });

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
    .map((lines) => ({ lines })),
  { maxLength: 30 },
);

const asks = (all: readonly { lines: readonly { productId: string; quantity: number }[] }[], id: string) =>
  all
    .flatMap(({ lines }) => lines)
    .reduce((sum, line) => sum + (line.productId === id ? line.quantity : 0), 0);

test('what is packed together never asks for more than there is', () => {
  fc.assert(
    fc.property(shelfOf, carts, (shelf, all) => {
      const { fitting } = pack(all, shelf);
      for (const [id, { available }] of shelf) expect(asks(fitting, id)).toBeLessThanOrEqual(available);
    }),
  );
});

test('every cart gets exactly one answer', () => {
  fc.assert(
    fc.property(shelfOf, carts, (shelf, all) => {
      const { fitting, refused, crowdedOut } = pack(all, shelf);
      const answered = [...fitting, ...refused.keys(), ...crowdedOut];
      expect(answered).toHaveLength(all.length);
      expect(new Set(answered)).toEqual(new Set(all));
    }),
  );
});

test('a cart is refused if it would be alone in the shop, and crowded out only by those before it', () => {
  fc.assert(
    fc.property(shelfOf, carts, (shelf, all) => {
      const { fitting, refused, crowdedOut } = pack(all, shelf);
      for (const cart of refused.keys()) expect(pack([cart], shelf).fitting).toEqual([]);
      for (const cart of [...fitting, ...crowdedOut]) expect(pack([cart], shelf).fitting).toEqual([cart]);
      for (const cart of crowdedOut) {
        const before = fitting.filter((other) => all.indexOf(other) < all.indexOf(cart));
        expect(pack([...before, cart], shelf).crowdedOut).toEqual([cart]);
      }
    }),
  );
});

test('a refusal says what is short, and how short', () => {
  const cart = {
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

test('a product that does not exist and two currencies are refused for what they are', () => {
  const cart = {
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

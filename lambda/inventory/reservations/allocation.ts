import { NoSuchProductError } from '../catalog/errors';
import type { Money } from '../catalog/product';
import { MixedCurrenciesError, NotOnSaleError, OutOfStockError } from './errors';
import { type Holding, holdingWith, holdRefusal } from './holding';
import type { Line } from './reservation';

/** The state of a product when carts are allocated. */
export interface ProductStock {
  readonly name: string;
  readonly price: Money;
  readonly onSale: boolean;
  readonly available: number;
}

/** All other carts would fit without the carts before them: retry these after those are stored. */
export interface Allocation<Cart> {
  /** The available stock covers all of these together. */
  readonly fitting: Cart[];
  /** Cannot be served, even alone. */
  readonly refused: Map<Cart, Error>;
}

/**
 * Decides which carts can be reserved together: all or nothing for each, first come, first served.
 * @param held the present holdings of their accounts, by user id
 */
export function allocate<Cart extends { readonly userId: string; readonly lines: readonly Line[] }>(
  carts: readonly Cart[],
  shelf: ReadonlyMap<string, ProductStock>,
  held: ReadonlyMap<string, Holding>,
): Allocation<Cart> {
  const allocation: Allocation<Cart> = { fitting: [], refused: new Map() };
  const left = new Map([...shelf].map(([id, { available }]) => [id, available]));
  const holdings = new Map(held);
  for (const cart of carts) {
    const { userId, lines } = cart;
    const refusal = refusalOf(lines, shelf) ?? holdRefusal(lines, held.get(userId));
    const tooFew = lines.some(({ productId, quantity }) => quantity > (left.get(productId) ?? 0));
    if (refusal) allocation.refused.set(cart, refusal);
    else if (!tooFew && !holdRefusal(lines, holdings.get(userId))) {
      holdings.set(userId, holdingWith(holdings.get(userId), lines));
      for (const { productId, quantity } of cart.lines)
        left.set(productId, (left.get(productId) ?? 0) - quantity);
      allocation.fitting.push(cart);
    }
  }
  return allocation;
}

function refusalOf(lines: readonly Line[], shelf: ReadonlyMap<string, ProductStock>): Error | undefined {
  const missing = lines.find(({ productId }) => !shelf.has(productId));
  if (missing) return new NoSuchProductError(`No product has the id ${missing.productId}`);
  const offSale = lines.filter(({ productId }) => shelf.get(productId)?.onSale === false);
  if (offSale.length > 0) return new NotOnSaleError(offSale.map(({ productId }) => productId));
  const asked = lines.map(({ productId, quantity: asked }) => ({
    productId,
    asked,
    ...shelf.get(productId),
  }));
  const shortages = asked
    .map(({ productId, asked, available = 0 }) => ({ productId, asked, available }))
    .filter(({ asked, available }) => asked > available);
  if (shortages.length > 0) return new OutOfStockError(shortages);
  const currencies = [...new Set(asked.map(({ price }) => price?.currency))];
  if (currencies.length > 1) {
    return new MixedCurrenciesError(
      `The products are priced in ${currencies.join(' and ')}: reserve them separately`,
    );
  }
  return undefined;
}

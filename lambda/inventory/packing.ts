import { MixedCurrenciesError, NoSuchProductError, OutOfStockError } from './errors';
import type { Money } from './product';

/** Part of a request to reserve. */
export interface Line {
  readonly productId: string;
  readonly quantity: number;
}

/** What is known of a product when carts are packed. */
export interface OnShelf {
  readonly name: string;
  readonly price: Money;
  readonly available: number;
}

export interface Packed<Cart> {
  /** Together they ask for no more of any product than is available. */
  readonly fitting: Cart[];
  /** Cannot be served, whoever else is. */
  readonly refused: Map<Cart, Error>;
  /** Would fit but for those before them: to be asked again when those are stored. */
  readonly crowdedOut: Cart[];
}

/** Decides which carts can be reserved together: all or nothing for each, first come, first served. */
export function pack<Cart extends { readonly lines: readonly Line[] }>(
  carts: readonly Cart[],
  shelf: ReadonlyMap<string, OnShelf>,
): Packed<Cart> {
  const packed: Packed<Cart> = { fitting: [], refused: new Map(), crowdedOut: [] };
  const left = new Map([...shelf].map(([id, { available }]) => [id, available]));
  for (const cart of carts) {
    const refusal = refusalOf(cart.lines, shelf);
    if (refusal) packed.refused.set(cart, refusal);
    else if (cart.lines.some(({ productId, quantity }) => quantity > (left.get(productId) ?? 0))) {
      packed.crowdedOut.push(cart);
    } else {
      for (const { productId, quantity } of cart.lines)
        left.set(productId, (left.get(productId) ?? 0) - quantity);
      packed.fitting.push(cart);
    }
  }
  return packed;
}

function refusalOf(lines: readonly Line[], shelf: ReadonlyMap<string, OnShelf>): Error | undefined {
  const missing = lines.find(({ productId }) => !shelf.has(productId));
  if (missing) return new NoSuchProductError(`There is no product ${missing.productId}`);
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

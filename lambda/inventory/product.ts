import { indexWords } from './words';

/** In minor units: 1299 USD is 12.99 dollars. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** What staff decide about a product. */
export interface ProductFacts {
  readonly category: string;
  readonly name: string;
  readonly description: string;
  readonly price: Money;
  readonly picture: string | null;
}

export interface Product extends ProductFacts {
  readonly id: string;
  /** 1, and one more with every edit. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** What a list shows of a product, as the JSON that is stored: all of it but `available`, which sales change. */
export function card({ id, category, name, price, picture }: Product): string {
  return JSON.stringify({ id, category, name, price, picture });
}

/** A stored card with what is available now: text in, text out. */
export const withAvailable = (cardJson: string, available: number): string =>
  `${cardJson.slice(0, -1)},"available":${available}}`;

/** The bytes of GET /api/products/{id}. */
export function productJson(product: Product, available: number): string {
  const { id, category, name, price, picture, description, version } = product;
  return JSON.stringify({
    ...{ id, category, name, price, picture, available, description, version },
    createdAt: new Date(product.createdAt).toISOString(),
    updatedAt: new Date(product.updatedAt).toISOString(),
  });
}

/** The words that find a product: its name's first, since there is room for so many. */
export const productWords = ({ name, category, description }: ProductFacts): string[] =>
  indexWords([name, category, description]);

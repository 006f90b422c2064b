import { galleryFrom } from '../photos/photo';
import { indexTokens } from './tokenizer';

/** In minor units: 1299 USD is 12.99 dollars. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** The fields that staff edit. */
export interface ProductFacts {
  readonly category: string;
  readonly name: string;
  readonly description: string;
  readonly price: Money;
  readonly picture: string | null;
}

export interface Product extends ProductFacts {
  readonly id: string;
  /** Starts at 1; each edit adds 1. */
  readonly version: number;
  /** False for one that no list and no search has, and that cannot be reserved. */
  readonly onSale: boolean;
  /** Its ready photos, as stored (`galleryText`). */
  readonly gallery: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** On sale, and without photos. */
export type NewProduct = Omit<Product, 'onSale' | 'gallery'>;

/** As `stock` has it. */
export interface Shown {
  /** Units that can be reserved now. */
  readonly available: number;
  /** 0 until the first units arrive. */
  readonly arrived: number;
}

/** The stored JSON of a product in lists, without its stock, which every sale changes. */
export function card({ id, category, name, price, picture }: NewProduct): string {
  return JSON.stringify({ id, category, name, price, picture });
}

/** Adds the stock to a stored card: text in, text out. */
export const withStock = (cardJson: string, { available, arrived }: Shown): string =>
  `${cardJson.slice(0, -1)},"available":${available},"everInStock":${arrived === 1}}`;

/** The body of GET /api/products/{id}. */
export function productJson(product: Product, { available, arrived }: Shown): string {
  const { id, category, name, price, picture, description, version, onSale, gallery } = product;
  return JSON.stringify({
    ...{ id, category, name, price, picture, available, everInStock: arrived === 1 },
    ...{ onSale, description, photos: galleryFrom(gallery), version },
    createdAt: new Date(product.createdAt).toISOString(),
    updatedAt: new Date(product.updatedAt).toISOString(),
  });
}

/** The search words of a product, those of its name first, since their number is limited. */
export const productWords = ({ name, category, description }: ProductFacts): string[] =>
  indexTokens([name, category, description]);

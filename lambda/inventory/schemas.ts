import { z } from '@hono/zod-openapi';
import { fromCursor } from './paging';

/** Text as people write it: well-formed Unicode without control characters, trimmed. */
const text = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Must be text without control characters');

const LONGEST_DESCRIPTION = 5000;
const HIGHEST_PRICE = 1_000_000_000;
const MOST_AT_ONCE = 1_000_000;

const id = z.uuid().openapi({ example: '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11' });
const time = z.iso.datetime().openapi({ example: '2026-03-01T12:00:00.000Z' });
const quantity = z.int().min(1).max(MOST_AT_ONCE).openapi({ example: 12 });

export const ProductId = id.openapi({ param: { name: 'id', in: 'path' } });
export const ById = z.object({ id: ProductId });

const category = text(60).openapi({ example: 'kitchen' });

const minorUnits = z.int().min(0).openapi({ description: 'In minor units', example: 1299 });
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'Must be an ISO 4217 code in capitals')
  .openapi({ example: 'USD' });

const Money = z.strictObject({ amount: minorUnits.max(HIGHEST_PRICE), currency }).openapi('Money');

/** Of many pieces, so it may be more than any price. */
const Total = z.strictObject({ amount: minorUnits.openapi({ example: 2598 }), currency }).openapi('Total');

const facts = {
  category,
  name: text(200).openapi({ example: 'Coffee mug' }),
  description: z
    .string()
    .max(LONGEST_DESCRIPTION)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, 'Must be text without control characters')
    .openapi({ example: 'Stoneware, holds 350 ml.' }),
  price: Money,
  picture: z
    .string()
    .max(500)
    .regex(/^(?:\/(?!\/)|https:\/\/)[!-~]+$/, 'Must be an https:// address or a path on this site')
    .nullable()
    .openapi({ example: '/pictures/coffee-mug.svg' }),
};

export const NewProduct = z
  .strictObject({ ...facts, picture: facts.picture.default(null) })
  .openapi('NewProduct');

export const ProductEdits = z
  .strictObject(facts)
  .partial()
  .refine((edits) => Object.keys(edits).length > 0, 'Say what to change')
  .openapi('ProductEdits', { example: { name: 'Coffee mug, blue' } });

const summary = {
  id,
  category,
  name: facts.name,
  price: Money,
  picture: facts.picture,
  available: z.int().min(0).openapi({ description: 'How many can be reserved now', example: 7 }),
};

const ProductSummary = z.object(summary).openapi('ProductSummary');

export const Product = z
  .object({
    ...summary,
    description: facts.description,
    version: z.int().openapi({ example: 3 }),
    createdAt: time,
    updatedAt: time,
  })
  .openapi('Product');

/** `next` is what `after` takes for the following page; absent on the last one. */
const pageOf = <Item extends z.ZodType>(name: string, item: Item) =>
  z
    .object({
      items: z.array(item),
      next: z.string().optional().openapi({ example: 'AZOlsHwefTqbHz8sj28KEQ' }),
    })
    .openapi(name);

export const ProductPage = pageOf('ProductPage', ProductSummary);

export const Categories = z
  .object({ items: z.array(z.object({ category, products: z.int().openapi({ example: 9 }) })) })
  .openapi('Categories');

export const Paging = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(24).openapi({ example: 24 }),
  after: z
    .string()
    .regex(/^[\w-]{22}$/, 'Must be the `next` of the page before')
    .transform(fromCursor)
    .optional()
    .openapi({
      type: 'string',
      description: 'The `next` of the page before',
      example: 'AZOlsHwefTqbHz8sj28KEQ',
    }),
});

export const ProductQuery = Paging.extend({
  category: category.optional(),
  q: z
    .string()
    .max(100)
    .optional()
    .openapi({ description: 'All of these words; the last may be a beginning', example: 'coffee mu' }),
});

export const IdempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\w-]{8,100}$/, 'Must be 8 to 100 letters, digits, _ or -')
    .openapi({
      example: '5f0c1d9e-mug-order',
      description: 'A new one for each request; the same when it is repeated',
    }),
});

export const IfMatch = z.object({
  'if-match': z
    .string()
    .max(500)
    .optional()
    .openapi({ example: '"3-7"', description: 'The ETag that the edit is based on' }),
});

export const Stock = z
  .object({ onHand: z.int(), reserved: z.int(), available: z.int() })
  .openapi('Stock', { example: { onHand: 10, reserved: 3, available: 7 } });

export const NewEntry = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('received'), quantity }),
    z.strictObject({
      kind: z.literal('adjusted'),
      quantity: z
        .int()
        .min(-MOST_AT_ONCE)
        .max(MOST_AT_ONCE)
        .refine((value) => value !== 0, 'Must not be 0')
        .openapi({ example: -1 }),
      reason: text(200).openapi({ example: 'One was broken' }),
    }),
  ])
  .openapi('NewEntry', { example: { kind: 'received', quantity: 12 } });

export const Entry = z
  .object({
    id,
    kind: z.enum(['received', 'adjusted', 'sold']),
    quantity: z.int().openapi({ example: 12 }),
    reason: z.string().nullable().openapi({ example: null }),
    at: time,
    by: z.string().nullable().openapi({
      description: 'The user who wrote it; null for sales and deleted accounts',
      example: '019680a5-0c31-7c6e-9a51-4f2d3c9a7b10',
    }),
  })
  .openapi('LedgerEntry');

export const EntryPage = pageOf('LedgerPage', Entry);

export const NewReservation = z
  .strictObject({
    items: z
      .array(z.strictObject({ productId: id, quantity: z.int().min(1).max(100).openapi({ example: 2 }) }))
      .min(1)
      .max(20)
      .refine((items) => new Set(items.map(({ productId }) => productId)).size === items.length, {
        message: 'Each product once',
      }),
  })
  .openapi('NewReservation');

export const Reservation = z
  .object({
    id,
    status: z.enum(['held', 'confirmed', 'released', 'expired']),
    items: z.array(
      z.object({
        productId: id,
        name: facts.name,
        quantity: z.int().openapi({ example: 2 }),
        price: Money,
      }),
    ),
    total: Total,
    createdAt: time,
    expiresAt: time,
  })
  .openapi('Reservation');

export const ReservationPage = pageOf('ReservationPage', Reservation);

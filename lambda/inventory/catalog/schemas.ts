import { z } from '@hono/zod-openapi';
import { fromCursor } from '../../shared/sql/pagination';
import { currency, id, minorUnits, Paging, pageOf, renditions, text, time } from '../schemas';

const category = text(60).openapi({ example: 'kitchen' });

const MAX_DESCRIPTION_LENGTH = 5000;

const MAX_PRICE = 1_000_000_000;

export const Money = z.strictObject({ amount: minorUnits.max(MAX_PRICE), currency }).openapi('Money');

export const facts = {
  category,
  name: text(200).openapi({ example: 'Coffee mug' }),
  description: z
    .string()
    .max(MAX_DESCRIPTION_LENGTH)
    .regex(/^(?:[^\p{Cc}\p{Cs}]|[\n\r\t])*$/u, 'Must not contain control characters')
    .openapi({ example: 'Stoneware, holds 350 ml.' }),
  price: Money,
  picture: z
    .string()
    .max(500)
    // Pages show pictures of the shop alone, and browsers read a backslash as a slash.
    .regex(/^\/(?!\/)[!-[\]-~]+$/, 'Must be a path on this site, such as /pictures/coffee-mug.svg')
    .nullable()
    .openapi({ example: '/pictures/coffee-mug.svg' }),
};

export const NewProduct = z
  .strictObject({ ...facts, picture: facts.picture.default(null) })
  .openapi('NewProduct');

const onSale = z.boolean().openapi({
  description: 'False for a product that no list and no search has, and that cannot be reserved',
  example: true,
});

export const ProductEdits = z
  .strictObject({ ...facts, onSale })
  .partial()
  .refine((edits) => Object.keys(edits).length > 0, 'At least one field is required')
  .openapi('ProductEdits', { example: { name: 'Coffee mug, blue' } });

const summary = {
  id,
  category,
  name: facts.name,
  price: Money,
  picture: facts.picture,
  available: z.int().min(0).openapi({ description: 'Units that can be reserved now', example: 7 }),
  everInStock: z.boolean().openapi({ description: 'False until the first units arrive', example: true }),
};

const ProductSummary = z.object(summary).openapi('ProductSummary');

export const Product = z
  .object({
    ...summary,
    onSale,
    description: facts.description,
    photos: z.array(z.object({ renditions }).openapi('ProductPhoto')).openapi({
      description: 'The main photo first, then the newest. A picture that is no photo is not among them',
    }),
    version: z.int().openapi({ example: 3 }),
    createdAt: time,
    updatedAt: time,
  })
  .openapi('Product');

export const ProductPage = pageOf('ProductPage', ProductSummary);

export const OffSalePage = pageOf(
  'OffSalePage',
  z.object({ id, category, name: facts.name, price: Money, picture: facts.picture }),
);

const CategoryCount = z.object({
  category,
  products: z.int().openapi({ description: '1000 are 1000 or more', example: 9 }),
});

export const Categories = z
  .object({ items: z.array(CategoryCount), next: category.optional() })
  .openapi('Categories');

export const CategoryQuery = z.object({
  after: category.optional().openapi({ description: 'The `next` of the page before', example: 'kitchen' }),
});

/** Cursors of lists by price hold the price too. */
const After = z
  .string()
  .regex(/^[\w-]{22}(\.\d{1,10})?$/, 'Must be the `next` of the previous page')
  .transform((next) => fromCursor(next.slice(0, 22)) + next.slice(22))
  .optional()
  .openapi({
    type: 'string',
    description: 'The `next` of the previous page, with the same `sort`',
    example: 'AZOlsHwefTqbHz8sj28KEQ',
  });

export const ProductQuery = Paging.extend({
  after: After,
  category: category.optional(),
  sort: z.enum(['newest', 'price', '-price']).default('newest').openapi({
    description: 'By price from low to high, or from high to low; not together with `q`',
    example: 'newest',
  }),
  q: z.string().max(100).optional().openapi({
    description: 'Search words, all of which must match; the last one may be a prefix',
    example: 'coffee mu',
  }),
}).superRefine(({ sort, q = '', after }, context) => {
  const byPrice = sort !== 'newest';
  if (byPrice && q.trim() !== '')
    context.addIssue({ code: 'custom', path: ['sort'], message: 'What a search finds is sorted by newest' });
  if (after !== undefined && after.includes('.') !== byPrice)
    context.addIssue({
      code: 'custom',
      path: ['after'],
      message: 'Is the `next` of a list with another sort',
    });
});

export const IfMatch = z.object({
  'if-match': z
    .string()
    .max(500)
    .optional()
    .openapi({ example: '"3-7"', description: 'The ETag that the edit is based on' }),
});

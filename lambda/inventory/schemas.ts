import { z } from '@hono/zod-openapi';
import { readable } from '../shared/http/visible-text';
import { fromCursor } from '../shared/sql/pagination';

/** Well-formed Unicode that a reader sees, without control characters, trimmed. */
export const text = (longest: number) => readable(z.string().trim().min(1).max(longest));
/** In lower case, as it is stored: RFC 9562 lets clients write either. */
export const id = z.uuid().toLowerCase().openapi({ example: '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11' });
export const time = z.iso.datetime().openapi({ example: '2026-03-01T12:00:00.000Z' });

export const ProductId = id.openapi({ param: { name: 'id', in: 'path' } });
export const ById = z.object({ id: ProductId });

export const minorUnits = z.int().min(0).openapi({ description: 'In minor units', example: 1299 });
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'Must be an ISO 4217 code in upper case')
  .openapi({ example: 'USD' });

/** The stored files of a photo. */
export const renditions = z.array(
  z.object({
    width: z.int().openapi({ example: 640 }),
    height: z.int().openapi({ example: 480 }),
    url: z.string().openapi({ example: '/media/photos/0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0b22/640.webp' }),
  }),
);

/** `next` is the `after` of the following page; absent on the last page. */
export const pageOf = <Item extends z.ZodType>(name: string, item: Item) =>
  z
    .object({
      items: z.array(item),
      next: z.string().optional().openapi({ example: 'AZOlsHwefTqbHz8sj28KEQ' }),
    })
    .openapi(name);

export const Paging = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(24).openapi({ example: 24 }),
  after: z
    .string()
    .regex(/^[\w-]{22}$/, 'Must be the `next` of the previous page')
    .transform(fromCursor)
    .optional()
    .openapi({
      type: 'string',
      description: 'The `next` of the previous page',
      example: 'AZOlsHwefTqbHz8sj28KEQ',
    }),
});

export const IdempotencyKey = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\w-]{8,100}$/, 'Must be 8 to 100 letters, digits, _ or -')
    .openapi({
      example: '5f0c1d9e-mug-order',
      description: 'A new key for each request, and the same key when a request is repeated',
    }),
});

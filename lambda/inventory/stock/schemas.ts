import { z } from '@hono/zod-openapi';
import { id, pageOf, text, time } from '../schemas';

const MAX_QUANTITY = 1_000_000;
const quantity = z.int().min(1).max(MAX_QUANTITY).openapi({ example: 12 });

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
        .min(-MAX_QUANTITY)
        .max(MAX_QUANTITY)
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
      description: 'The author of the entry; null for sales and deleted accounts',
      example: '019680a5-0c31-7c6e-9a51-4f2d3c9a7b10',
    }),
  })
  .openapi('LedgerEntry');

export const EntryPage = pageOf('LedgerPage', Entry);

import { z } from '@hono/zod-openapi';
import { facts, Money } from '../catalog/schemas';
import { currency, id, minorUnits, pageOf, time } from '../schemas';

/** A total can exceed the maximum of a single price. */
const Total = z.strictObject({ amount: minorUnits.openapi({ example: 2598 }), currency }).openapi('Total');

export const NewReservation = z
  .strictObject({
    items: z
      .array(z.strictObject({ productId: id, quantity: z.int().min(1).max(100).openapi({ example: 2 }) }))
      .min(1)
      .max(20)
      .refine((items) => new Set(items.map(({ productId }) => productId)).size === items.length, {
        message: 'Each product may appear only once',
      }),
  })
  .openapi('NewReservation');

const reservation = {
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
};

export const Reservation = z.object(reservation).openapi('Reservation');

export const ReservationPage = pageOf('ReservationPage', Reservation);

const Order = z
  .object({
    ...reservation,
    buyer: z
      .object({
        id: z.string().openapi({ example: '019680a5-0c31-7c6e-9a51-4f2d3c9a7b10' }),
        name: z.string().optional().openapi({
          description: 'Absent while the user service does not answer',
          example: 'Ada Lovelace',
        }),
      })
      .nullable()
      .openapi({ description: 'Null if the account was deleted' }),
  })
  .openapi('Order');

export const OrderPage = pageOf('OrderPage', Order);

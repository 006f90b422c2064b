import { z } from '@hono/zod-openapi';
import { readable } from '../../shared/http/visible-text';
import { Id, NewAddress, normalizable, Password, Time } from '../schemas';

const Name = readable(normalizable().trim().normalize('NFC').min(1).max(100)).openapi({
  example: 'Ada Lovelace',
});

/** NFC, so that every keyboard produces the same password. */
export const NewPassword = normalizable()
  .normalize('NFC')
  .min(10)
  .max(200)
  .refine((text) => !/\p{Cs}/u.test(text), 'Must not contain incomplete characters')
  .openapi({
    format: 'password',
    example: 'correct horse battery',
    description: 'Must differ from the e-mail and the name',
  });

export const NewAccount = z
  .strictObject({ email: NewAddress, password: NewPassword, name: Name })
  .openapi('NewAccount');

export const NewName = z.strictObject({ name: Name }).openapi('NewName');

export const NewEmail = z.strictObject({ email: NewAddress, password: Password }).openapi('NewEmail');

export const ChangePassword = z
  .strictObject({ current: Password, password: NewPassword })
  .openapi('ChangePassword', {
    example: { current: 'correct horse battery', password: 'staple staple staple' },
  });

export const Confirmation = z.strictObject({ password: Password }).openapi('Confirmation');

export const User = z
  .strictObject({
    id: Id,
    email: z.string().openapi({ example: 'ada@example.com' }),
    name: z.string().openapi({ example: 'Ada Lovelace' }),
    role: z.enum(['customer', 'staff']).openapi({ example: 'customer' }),
    createdAt: Time,
  })
  .openapi('User');

export type User = z.infer<typeof User>;

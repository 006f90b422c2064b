import { z } from '@hono/zod-openapi';
import { NewPassword } from '../accounts/schemas';
import { Email, Time } from '../schemas';

export const NewPasswordLink = z.strictObject({ email: Email }).openapi('NewPasswordLink');

const token = z
  .string()
  .regex(/^[\w-]{43}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'Must be the token of a password link')
  .openapi({
    example: 'dGhpcyBpcyBub3QgYSB0b2tlbiwgYnV0IGxvbmcgZW5.019680a5-0c31-7c6e-9a51-4f2d3c9a7b10',
  });

export const PasswordLink = z
  .strictObject({
    token,
    name: z.string().openapi({ description: 'Of the person whose link it is', example: 'Ada Lovelace' }),
    expiresAt: Time,
  })
  .openapi('PasswordLink');

export const PasswordByLink = z.strictObject({ token, password: NewPassword }).openapi('PasswordByLink');

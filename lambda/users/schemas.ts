import { z } from '@hono/zod-openapi';

/** Control characters, and halves of characters, which databases cannot store. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const printable = (text: string) => !UNPRINTABLE.test(text);
const UNPRINTABLE_MESSAGE = 'Control characters and halves of characters are not allowed';

/**
 * Normalizing takes time that grows with the square of a text's length (64 KiB of combining marks: a second), so longer
 * ones are refused before. Normalized they can be a few times shorter, hence more than any field's own limit.
 */
const normalizable = () => z.string().max(1000, { abort: true });

/** Stored and compared in this form: trimmed, NFC, lower-case. */
export const Email = normalizable()
  .trim()
  .normalize('NFC')
  .toLowerCase()
  .normalize('NFC')
  .max(254)
  .regex(/^[^\s@"]{1,64}@[^\s@"]{1,253}$/, 'An e-mail looks like ada@example.com')
  .refine(printable, UNPRINTABLE_MESSAGE)
  .openapi({ format: 'email', example: 'ada@example.com' });

const Name = normalizable()
  .trim()
  .normalize('NFC')
  .min(1)
  .max(100)
  .refine(printable, UNPRINTABLE_MESSAGE)
  .openapi({ example: 'Ada Lovelace' });

/** NFC, so that it is the same password from every keyboard. */
const NewPassword = normalizable()
  .normalize('NFC')
  .min(10)
  .max(200)
  .refine((text) => !/\p{Cs}/u.test(text), 'Halves of characters are not allowed')
  .openapi({
    format: 'password',
    example: 'correct horse battery',
    description: 'Neither the e-mail nor the name',
  });

/** What is only compared: rules for new passwords must not keep an old one from being right. */
const Password = normalizable()
  .normalize('NFC')
  .min(1)
  .max(200)
  .openapi({ format: 'password', example: 'correct horse battery' });

const Time = z.iso.datetime().openapi({ example: '2030-01-31T08:15:00.000Z' });
const Id = z.string().openapi({ example: '019680a5-0c31-7c6e-9a51-4f2d3c9a7b10' });

export const NewAccount = z
  .strictObject({ email: Email, password: NewPassword, name: Name })
  .openapi('NewAccount');
export const NewName = z.strictObject({ name: Name }).openapi('NewName');
export const NewEmail = z.strictObject({ email: Email, password: Password }).openapi('NewEmail');
export const ChangePassword = z
  .strictObject({ current: Password, password: NewPassword })
  .openapi('ChangePassword', {
    example: { current: 'correct horse battery', password: 'staple staple staple' },
  });
export const Confirmation = z.strictObject({ password: Password }).openapi('Confirmation');
export const Credentials = z.strictObject({ email: Email, password: Password }).openapi('Credentials');
/** Any text: what is no id is the id of no session. */
export const SessionId = z.strictObject({ id: Id.openapi({ param: { name: 'id', in: 'path' } }) });

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

export const NewSession = z
  .strictObject({
    token: z.string().openapi({
      description: 'For `Authorization: Bearer …`; browsers use the cookie that comes with it',
      example: 'q2h4rT0dXk3m9v1ZbW5cYp8sL7nJ6gFfUeAaQwErTyU',
    }),
    expiresAt: Time.openapi({
      description: 'Moves with use: 7 days after the last request, at most 30 after log-in',
    }),
    user: User,
  })
  .openapi('NewSession');

export const SessionList = z
  .strictObject({
    items: z.array(
      z
        .strictObject({
          id: Id,
          createdAt: Time,
          lastSeenAt: Time.openapi({ description: 'At most an hour behind' }),
          expiresAt: Time,
          userAgent: z
            .string()
            .nullable()
            .openapi({ example: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' }),
          current: z.boolean().openapi({ description: 'Whether this request was made in it', example: true }),
        })
        .openapi('Session'),
    ),
  })
  .openapi('SessionList');

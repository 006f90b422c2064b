import { z } from '@hono/zod-openapi';
import { User } from '../accounts/schemas';
import { Email, Id, Password, Time } from '../schemas';

export const Credentials = z.strictObject({ email: Email, password: Password }).openapi('Credentials');

/** Any text: a malformed id is treated as an unknown one. */
export const SessionId = z.strictObject({ id: Id.openapi({ param: { name: 'id', in: 'path' } }) });

export const NewSession = z
  .strictObject({
    token: z.string().openapi({
      description: 'For `Authorization: Bearer …`; browsers use the cookie of the same response',
      example: 'q2h4rT0dXk3m9v1ZbW5cYp8sL7nJ6gFfUeAaQwErTyU',
    }),
    expiresAt: Time.openapi({
      description: '7 days after the last request, at most 30 days after log-in',
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
          lastSeenAt: Time.openapi({ description: 'Up to one hour old' }),
          expiresAt: Time,
          userAgent: z
            .string()
            .nullable()
            .openapi({ example: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' }),
          current: z
            .boolean()
            .openapi({ description: 'True for the session of this request', example: true }),
        })
        .openapi('Session'),
    ),
  })
  .openapi('SessionList');

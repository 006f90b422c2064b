import { z } from '@hono/zod-openapi';
import { storable, withoutInvisible } from '../shared/http/visible-text';

/**
 * Normalization takes time quadratic in the length (one second for 64 KiB of combining marks), so longer texts are
 * refused before it. It can shorten a text several times, so this limit is higher than that of any field.
 */
export const normalizable = () => z.string().max(1000, { abort: true });

/** Normalized for storage and comparison: trimmed, NFC, lower case. Log-ins take what was ever accepted. */
export const Email = storable(
  normalizable()
    .trim()
    .normalize('NFC')
    .toLowerCase()
    .normalize('NFC')
    .max(254)
    .regex(/^[^\s@"]{1,64}@[^\s@"]{1,253}$/, 'Must be an e-mail address such as ada@example.com'),
).openapi({ format: 'email', example: 'ada@example.com' });

/** An address for an account: nothing in it is invisible, and its domain is written in one way. */
export const NewAddress = withoutInvisible(Email).refine(
  (email) => !/@\.|\.\.|\.$/.test(email),
  'Must have a domain without empty parts, such as example.com',
);

/** A password to verify. The rules for new passwords do not apply, since an older one may break them. */
export const Password = normalizable()
  .normalize('NFC')
  .min(1)
  .max(200)
  .openapi({ format: 'password', example: 'correct horse battery' });

export const Time = z.iso.datetime().openapi({ example: '2030-01-31T08:15:00.000Z' });
export const Id = z.string().openapi({ example: '019680a5-0c31-7c6e-9a51-4f2d3c9a7b10' });

import type { z } from '@hono/zod-openapi';

/** Control characters and unpaired surrogates, which databases cannot store. */
const UNSTORABLE = /[\p{Cc}\p{Cs}]/u;
/** Format characters change how others are drawn or ordered. The joiners alone are part of scripts and of emoji. */
const FORMAT = /(?![\u200C\u200D])\p{Cf}/u;
/** Drawn as nothing: two texts that differ by it look the same. */
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/u;
const VISIBLE = /[^\p{Default_Ignorable_Code_Point}\p{Z}\u2800]/u;

const UNSTORABLE_MESSAGE = 'Must not contain control characters or incomplete characters';
const INVISIBLE_MESSAGE = 'Must not contain invisible characters, such as U+200B or U+202E';

/** Refuses text that cannot be stored. */
export const storable = (schema: z.ZodString) =>
  schema.refine((text) => !UNSTORABLE.test(text), UNSTORABLE_MESSAGE);

/** Refuses text of which a reader sees nothing, or something else than it holds. */
export const readable = (schema: z.ZodString) =>
  storable(schema)
    .refine((text) => !FORMAT.test(text), INVISIBLE_MESSAGE)
    .refine((text) => text === '' || VISIBLE.test(text), 'Must contain a visible character');

/** Refuses text that may look like another one, since it holds something invisible. */
export const withoutInvisible = (schema: z.ZodString) =>
  schema.refine((text) => !FORMAT.test(text) && !IGNORABLE.test(text), INVISIBLE_MESSAGE);

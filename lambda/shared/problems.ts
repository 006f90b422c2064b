import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

import { NotAllowedError, NotLoggedInError } from './identity';
import type { Logger } from './log';
import { ReadOnlyMomentError, RetryLaterError } from './retry-later';
import { DatabaseUnavailableError, OutcomeUnknownError } from './sql';

/** RFC 9457 problem details: the one shape of every error answer. */
export const Problem = z
  .object({
    type: z.string().describe('A name for the kind of problem that programs can compare'),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional().describe('What was wrong this time, what was given, what is expected'),
    errors: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
  })
  .loose()
  .openapi('Problem', {
    example: { type: 'too-large', title: 'A body is at most 65536 bytes', status: 413 },
  });

export type Problem = z.infer<typeof Problem>;

/** An error class that the domain throws, and how HTTP says it. The error's message becomes the detail. */
export interface KnownProblem {
  readonly error: new (...args: never[]) => Error;
  readonly status: ContentfulStatusCode;
  readonly type: string;
  readonly title: string;
  /** What the answer says beyond the error's message. */
  readonly members?: (error: never) => Readonly<Record<string, unknown>>;
}

/** What any answer may be that needs the database. */
export const DATABASE_UNAVAILABLE = {
  error: DatabaseUnavailableError,
  status: 503,
  type: 'database-unavailable',
  title: 'The database does not answer: repeat this in a moment',
} as const satisfies KnownProblem;

/** What any change may lead to, beside. */
export const OUTCOME_UNKNOWN = {
  error: OutcomeUnknownError,
  status: 503,
  type: 'outcome-unknown',
  title: 'This was done or not: repeat it with the same Idempotency-Key',
} as const satisfies KnownProblem;

const everywhere: readonly KnownProblem[] = [
  DATABASE_UNAVAILABLE,
  OUTCOME_UNKNOWN,
  { error: NotLoggedInError, status: 401, type: 'not-logged-in', title: 'Log in first' },
  { error: NotAllowedError, status: 403, type: 'not-allowed', title: 'You may not do this' },
  { error: ReadOnlyMomentError, status: 503, type: 'read-only-moment', title: 'No changes for a moment' },
];

export function problem(body: Problem, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
  });
}

/** hono's onError: known errors as themselves, everything else as a 500 that tells the log and not the caller. */
export function answerError(known: readonly KnownProblem[], log: Logger) {
  const table = [...known, ...everywhere];
  return (error: Error, c: Context): Response => {
    const match = table.find((entry) => error instanceof entry.error);
    if (match) {
      if (error.cause)
        log.warn({ err: error.cause, path: c.req.path, type: match.type }, 'refused for a reason');
      const { type, title, status } = match;
      const after = error instanceof RetryLaterError ? `${error.retryAfterSeconds}` : undefined;
      const members = match.members?.(error as never);
      return problem(
        { type, title, status, detail: error.message, ...members },
        after ? { 'Retry-After': after } : {},
      );
    }
    if (error instanceof HTTPException) {
      return problem({ type: 'bad-request', title: error.message || 'Bad request', status: error.status });
    }
    // Who hangs up in the middle of a body makes reading it fail: nobody's error, and nobody hears the answer.
    if (c.req.raw.signal.aborted) {
      log.warn({ err: error, method: c.req.method, path: c.req.path }, 'the client went away');
      return problem({ type: 'bad-request', title: 'The request ended before it was whole', status: 400 });
    }
    log.error({ err: error, method: c.req.method, path: c.req.path }, 'unexpected error');
    return problem({ type: 'unexpected', title: 'Something went wrong on our side', status: 500 });
  };
}

/** A message may name what was sent, which is up to a whole body: nobody wants that back. */
const LONGEST_ERROR = 200;

/** The answer to input that a schema refuses: every place at once. */
export function answerInvalid(error: z.core.$ZodError, target: string): Response {
  return problem({
    type: 'invalid-input',
    title: 'The request is not of the expected form',
    status: 400,
    errors: error.issues.map(({ path, message }) => ({
      at: cut([target, ...path].join('.')),
      message: cut(message),
    })),
  });
}

const cut = (text: string): string =>
  text.length <= LONGEST_ERROR ? text : `${text.slice(0, LONGEST_ERROR)}…`;

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from '../runtime/log';
import { OverloadedError, ReadOnlyMomentError, RetryLaterError } from '../runtime/retry-later';
import { DatabaseUnavailableError, OutcomeUnknownError } from '../sql/sql';
import { TableUnavailableError } from '../tables/table';
import { NotAllowedError, NotLoggedInError, UsersUnavailableError } from './identity';

/** RFC 9457 problem details, the format of every error response. */
export const Problem = z
  .object({
    type: z.string().describe('A stable identifier of the kind of problem, for programs'),
    title: z.string(),
    status: z.int(),
    detail: z
      .string()
      .optional()
      .describe('The cause of this occurrence, for people: what was given and what is expected'),
    errors: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
  })
  .loose()
  .openapi('Problem', {
    example: { type: 'too-large', title: 'Request body too large', status: 413 },
  });

export type Problem = z.infer<typeof Problem>;

/** A kind of problem, in responses and in the OpenAPI documents. */
export interface ProblemKind {
  readonly status: ContentfulStatusCode;
  readonly type: string;
  readonly title: string;
}

/** Maps an error class of the domain to a problem. The error's message becomes the detail. */
export interface KnownProblem extends ProblemKind {
  readonly error: new (...args: never[]) => Error;
  /** Additional members of the response. */
  readonly members?: (error: never) => Readonly<Record<string, unknown>>;
}

export const INVALID_INPUT = { status: 400, type: 'invalid-input', title: 'Invalid request' } as const;
export const CROSS_SITE = { status: 403, type: 'cross-site', title: 'Cross-site request refused' } as const;
export const NOT_FOUND = { status: 404, type: 'not-found', title: 'Not found' } as const;
export const TOO_LARGE = { status: 413, type: 'too-large', title: 'Request body too large' } as const;
export const NOT_JSON = {
  status: 415,
  type: 'bad-request',
  title: 'The body must be application/json',
} as const;
export const NOT_READY = { status: 503, type: 'not-ready', title: 'The database does not answer' } as const;

export const NOT_LOGGED_IN = {
  error: NotLoggedInError,
  status: 401,
  type: 'not-logged-in',
  title: 'Not logged in',
} as const satisfies KnownProblem;

export const NOT_ALLOWED = {
  error: NotAllowedError,
  status: 403,
  type: 'not-allowed',
  title: 'Not allowed',
} as const satisfies KnownProblem;

/** For services that ask the user service. */
export const USERS_UNAVAILABLE = {
  error: UsersUnavailableError,
  status: 503,
  type: 'users-unavailable',
  title: 'Authentication is temporarily unavailable',
} as const satisfies KnownProblem;

/** For any request that needs the database. */
export const DATABASE_UNAVAILABLE = {
  error: DatabaseUnavailableError,
  status: 503,
  type: 'database-unavailable',
  title: 'The database is temporarily unavailable',
} as const satisfies KnownProblem;

/** For any request that needs a table outside of the database. */
const TABLE_UNAVAILABLE = {
  error: TableUnavailableError,
  status: 503,
  type: 'data-unavailable',
  title: 'The data is temporarily unavailable',
} as const satisfies KnownProblem;

/** For any request, before anything of it is done. */
export const OVERLOADED = {
  error: OverloadedError,
  status: 503,
  type: 'overloaded',
  title: 'Too many requests at the moment',
} as const satisfies KnownProblem;

/** For any request that changes data. */
export const OUTCOME_UNKNOWN = {
  error: OutcomeUnknownError,
  status: 503,
  type: 'outcome-unknown',
  title: 'The change may or may not be stored',
} as const satisfies KnownProblem;

export const BAD_REQUEST = { status: 400, type: 'bad-request', title: 'Bad request' } as const;
/** A bug: logged in full, but not shown to the client. */
export const UNEXPECTED = { status: 500, type: 'unexpected', title: 'Internal error' } as const;

const READ_ONLY_MOMENT = {
  error: ReadOnlyMomentError,
  status: 503,
  type: 'read-only-moment',
  title: 'Changes are paused for a moment',
} as const satisfies KnownProblem;

const everywhere: readonly KnownProblem[] = [
  ...[DATABASE_UNAVAILABLE, TABLE_UNAVAILABLE, OVERLOADED, OUTCOME_UNKNOWN],
  ...[NOT_LOGGED_IN, NOT_ALLOWED, READ_ONLY_MOMENT],
];

/** A problem response; further members are added as they are: `problem({ ...NOT_FOUND, detail })`. */
export function problem(
  { status, type, title, ...members }: ProblemKind & Readonly<Record<string, unknown>>,
  headers: Record<string, string> = {},
): Response {
  return new Response(JSON.stringify({ type, title, status, ...members }), {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
  });
}

/** hono's onError: known errors become their problem, others a 500 whose cause is only logged. */
export function answerError(known: readonly KnownProblem[], log: Logger) {
  const table = [...known, ...everywhere];
  return (error: Error, c: Context): Response => {
    const match = table.find((entry) => error instanceof entry.error);
    if (match) {
      if (error.cause) {
        log.warn({ err: error.cause, path: c.req.path, type: match.type }, 'request failed');
      }
      const { type, title, status } = match;
      const after = error instanceof RetryLaterError ? `${error.retryAfterSeconds}` : undefined;
      return problem(
        { type, title, status, detail: error.message, ...match.members?.(error as never) },
        after ? { 'Retry-After': after } : {},
      );
    }
    if (error instanceof HTTPException) {
      const kind = error.status === NOT_JSON.status ? NOT_JSON : { ...BAD_REQUEST, status: error.status };
      return problem({ ...kind, ...(error.message && { detail: error.message }) });
    }
    // Reading the body fails if the client disconnects in the middle of it. That is not an error of the server.
    if (c.req.raw.signal.aborted) {
      log.warn({ err: error, method: c.req.method, path: c.req.path }, 'the client disconnected');
      return problem({ ...BAD_REQUEST, detail: 'The request ended before it was complete' });
    }
    log.error({ err: error, method: c.req.method, path: c.req.path }, 'unexpected error');
    return problem(UNEXPECTED);
  };
}

/** Messages can quote the input, which may be as long as a whole body. */
const MAX_MESSAGE_LENGTH = 200;

/** The response to invalid input, with every issue that the schema found. */
export function answerInvalid(error: z.core.$ZodError, target: string): Response {
  return problem({
    ...INVALID_INPUT,
    errors: error.issues.map(({ path, message }) => ({
      at: cut([target, ...path].join('.')),
      message: cut(message),
    })),
  });
}

const cut = (text: string): string =>
  text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH)}…`;

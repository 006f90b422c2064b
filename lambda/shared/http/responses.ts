import type { RouteConfig } from '@hono/zod-openapi';
import type { z } from 'zod';
import { CACHE_POLICY } from '../cache/cache-policy';
import {
  CROSS_SITE,
  DATABASE_UNAVAILABLE,
  INVALID_INPUT,
  NOT_ALLOWED,
  NOT_JSON,
  NOT_LOGGED_IN,
  OUTCOME_UNKNOWN,
  OVERLOADED,
  Problem,
  type ProblemKind,
  TOO_LARGE,
  UNEXPECTED,
} from './problems';

/** Headers of personal responses. Cookies need hono's own responses: `c.json(body, 201, PERSONAL)`. */
export const PERSONAL = { 'Cache-Control': CACHE_POLICY.personal.http };

/** A JSON response that is personal or answers a change. */
export const answer = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...PERSONAL, ...headers },
  });

/** The response to a change without a result. */
export const noContent = (): Response => new Response(null, { status: 204, headers: PERSONAL });

/** The generic problems of a route, besides those of its own subject. */
export const REFUSES = {
  read: [INVALID_INPUT],
  user: [INVALID_INPUT, NOT_LOGGED_IN],
  staff: [INVALID_INPUT, NOT_LOGGED_IN, NOT_ALLOWED],
  change: [CROSS_SITE, TOO_LARGE, NOT_JSON, OUTCOME_UNKNOWN],
} as const satisfies Record<string, readonly ProblemKind[]>;

interface Given {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly headers?: z.ZodObject;
}

/** The documented responses of a route: its results and its problems, each with an example. */
export function responses(
  given: Readonly<Record<number, Given>>,
  ...refusals: readonly (readonly ProblemKind[])[]
): RouteConfig['responses'] {
  return {
    ...problemResponses([...refusals.flat(), OVERLOADED, DATABASE_UNAVAILABLE, UNEXPECTED]),
    ...givenResponses(given),
  };
}

const givenResponses = (given: Readonly<Record<number, Given>>): RouteConfig['responses'] =>
  Object.fromEntries(
    Object.entries(given).map(([status, { description, schema, headers }]) => [
      status,
      {
        description,
        ...(headers && { headers }),
        ...(schema && { content: { 'application/json': { schema } } }),
      },
    ]),
  );

function problemResponses(kinds: readonly ProblemKind[]): RouteConfig['responses'] {
  const statuses = [...new Set(kinds.map(({ status }) => status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const alike = kinds.filter((kind) => kind.status === status);
      const description = alike.map(({ type, title }) => `${type}: ${title}`).join('; ');
      const examples = Object.fromEntries(
        alike.map(({ type, title }) => [type, { value: { type, title, status } }]),
      );
      return [
        status,
        { description, content: { 'application/problem+json': { schema: Problem, examples } } },
      ];
    }),
  );
}

/** A route that needs a session, as a cookie or as a bearer token. */
export const LOGGED_IN: { security: Record<string, string[]>[] } = {
  security: [{ cookie: [] }, { bearer: [] }],
};

/** A required JSON body. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) =>
  ({ body: { required: true, content: { 'application/json': { schema } } } }) as const;

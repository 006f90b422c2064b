import type { RouteConfig } from '@hono/zod-openapi';
import type { z } from 'zod';
import { CACHING } from '../shared/caching';
import { DATABASE_UNAVAILABLE, type KnownProblem, OUTCOME_UNKNOWN, Problem } from '../shared/problems';
import { inventoryProblems } from './errors';

const PERSONAL = { 'Content-Type': 'application/json', 'Cache-Control': CACHING.personal.http };

/** JSON that belongs to one person, or that answers a change. */
export const answer = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { ...PERSONAL, ...headers } });

type Refusal = Pick<KnownProblem, 'status' | 'type' | 'title'>;

const INVALID: Refusal = {
  status: 400,
  type: 'invalid-input',
  title: 'The request is not of the expected form',
};
const NOT_LOGGED_IN: Refusal = { status: 401, type: 'not-logged-in', title: 'Log in first' };
const NOT_STAFF: Refusal = { status: 403, type: 'not-allowed', title: 'This is for staff' };
const CROSS_SITE: Refusal = {
  status: 403,
  type: 'cross-site',
  title: 'Requests from other sites are refused',
};
const TOO_LARGE: Refusal = { status: 413, type: 'too-large', title: 'The body is too large' };
const NO_JSON: Refusal = { status: 415, type: 'bad-request', title: 'The body must be application/json' };

/** What kinds of refusals a route may answer besides those of its subject. */
export const REFUSES = {
  read: [INVALID],
  user: [INVALID, NOT_LOGGED_IN],
  staff: [INVALID, NOT_LOGGED_IN, NOT_STAFF],
  change: [CROSS_SITE, TOO_LARGE, NO_JSON, OUTCOME_UNKNOWN],
} as const;

/** The documented answers of a route: what it gives, and every problem by its type. */
export function answers(
  given: Readonly<Record<number, { description: string; schema?: z.ZodType; headers?: z.ZodObject }>>,
  general: readonly Refusal[],
  types: readonly string[] = [],
): RouteConfig['responses'] {
  const known = inventoryProblems.filter(({ type }) => types.includes(type));
  return { ...refusals([...general, DATABASE_UNAVAILABLE, ...known]), ...mapped(given) };
}

const mapped = (given: Parameters<typeof answers>[0]): RouteConfig['responses'] =>
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

function refusals(all: readonly Refusal[]): RouteConfig['responses'] {
  const statuses = [...new Set(all.map(({ status }) => status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const of = all.filter((refusal) => refusal.status === status);
      const description = of.map(({ type, title }) => `${type}: ${title}`).join('; ');
      const examples = Object.fromEntries(
        of.map(({ type, title }) => [type, { value: { type, title, status } }]),
      );
      return [
        status,
        { description, content: { 'application/problem+json': { schema: Problem, examples } } },
      ];
    }),
  );
}

/** What a route needs that is not for everybody: a session, in one of its two forms. */
export const LOGGED_IN: { security: Record<string, string[]>[] } = {
  security: [{ cookie: [] }, { bearer: [] }],
};

import { createRoute, type z } from '@hono/zod-openapi';
import { DATABASE_UNAVAILABLE, OUTCOME_UNKNOWN, Problem } from '../shared/problems';
import { usersProblems } from './errors';
import {
  ChangePassword,
  Confirmation,
  Credentials,
  NewAccount,
  NewEmail,
  NewName,
  NewSession,
  SessionId,
  SessionList,
  User,
} from './schemas';

/** What every route may answer beside its own refusals. */
const everywhere = [
  { status: 400, type: 'invalid-input', title: 'The request is not of the expected form' },
  { status: 401, type: 'not-logged-in', title: 'Log in first' },
] as const;

const problems = [...usersProblems, ...everywhere, OUTCOME_UNKNOWN];
type KnownType = (typeof problems)[number]['type'];
type StatusOf<Type extends KnownType> = Extract<(typeof problems)[number], { type: Type }>['status'];

const ANYTHING_ELSE = {
  description: 'Anything else: a body too large or not JSON, a request from another site, an error of ours',
  content: { 'application/problem+json': { schema: Problem } },
};
const loggedIn: { security: Record<string, string[]>[] } = { security: [{ cookie: [] }, { bearer: [] }] };

export const register = createRoute({
  method: 'post',
  path: '/api/users',
  summary: 'Create an account',
  tags: ['account'],
  request: takes(NewAccount),
  responses: {
    ...refuses(
      'invalid-input',
      'guessable-password',
      'email-taken',
      'too-many-attempts',
      'busy',
      'outcome-unknown',
    ),
    201: gives(User, 'The account. It does not log in.'),
  },
});

export const readProfile = createRoute({
  method: 'get',
  path: '/api/users/me',
  summary: 'Read your own profile',
  tags: ['account'],
  ...loggedIn,
  responses: { ...refuses('not-logged-in'), 200: gives(User, 'Your profile') },
});

export const rename = createRoute({
  method: 'patch',
  path: '/api/users/me',
  summary: 'Change your name',
  tags: ['account'],
  ...loggedIn,
  request: takes(NewName),
  responses: {
    ...refuses('invalid-input', 'not-logged-in', 'outcome-unknown'),
    200: gives(User, 'Your profile from now on'),
  },
});

export const changeEmail = createRoute({
  method: 'put',
  path: '/api/users/me/email',
  summary: 'Change your e-mail; ends all other sessions',
  tags: ['account'],
  ...loggedIn,
  request: takes(NewEmail),
  responses: {
    ...refuses('invalid-input', 'guessable-password', 'not-logged-in', 'wrong-password', 'email-taken'),
    ...refuses('too-many-attempts', 'busy', 'outcome-unknown'),
    200: gives(User, 'Your profile from now on'),
  },
});

export const changePassword = createRoute({
  method: 'put',
  path: '/api/users/me/password',
  summary: 'Change your password; ends all other sessions',
  tags: ['account'],
  ...loggedIn,
  request: takes(ChangePassword),
  responses: {
    ...refuses(
      'invalid-input',
      'guessable-password',
      'not-logged-in',
      'wrong-password',
      'too-many-attempts',
      'busy',
      'outcome-unknown',
    ),
    204: { description: 'Changed. This session goes on.' },
  },
});

export const removeAccount = createRoute({
  method: 'delete',
  path: '/api/users/me',
  summary: 'Delete your account and what the shop keeps of you',
  tags: ['account'],
  ...loggedIn,
  request: takes(Confirmation),
  responses: {
    ...refuses(
      'invalid-input',
      'not-logged-in',
      'wrong-password',
      'too-many-attempts',
      'busy',
      'outcome-unknown',
    ),
    204: { description: 'Deleted. All sessions have ended.' },
  },
});

export const logIn = createRoute({
  method: 'post',
  path: '/api/sessions',
  summary: 'Log in',
  tags: ['sessions'],
  request: takes(Credentials),
  responses: {
    ...refuses('invalid-input', 'wrong-credentials', 'too-many-attempts', 'busy', 'outcome-unknown'),
    201: gives(NewSession, 'A session. The cookie holds its token too.'),
  },
});

export const listSessions = createRoute({
  method: 'get',
  path: '/api/sessions',
  summary: 'List your sessions, newest first',
  tags: ['sessions'],
  ...loggedIn,
  responses: { ...refuses('not-logged-in'), 200: gives(SessionList, 'All that have not ended; at most 100') },
});

export const logOut = createRoute({
  method: 'delete',
  path: '/api/sessions/current',
  summary: 'Log out',
  tags: ['sessions'],
  ...loggedIn,
  responses: { ...refuses('outcome-unknown'), 204: { description: 'Logged out, if you were logged in' } },
});

export const seen = createRoute({
  method: 'post',
  path: '/api/sessions/current/seen',
  summary: 'Keep your session from ending, as every other request does',
  description: 'For servers that only read, in your name.',
  tags: ['sessions'],
  ...loggedIn,
  responses: { ...refuses('not-logged-in'), 204: { description: 'It goes on' } },
});

export const endSession = createRoute({
  method: 'delete',
  path: '/api/sessions/{id}',
  summary: 'End one of your sessions',
  tags: ['sessions'],
  ...loggedIn,
  request: { params: SessionId },
  responses: {
    ...refuses('not-logged-in', 'no-such-session', 'outcome-unknown'),
    204: { description: 'Ended' },
  },
});

function takes<Schema extends z.ZodType>(schema: Schema) {
  return { body: { required: true, content: { 'application/json': { schema } } } } as const;
}

function gives<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** The refusals of these types by status, each type with an example, and what any route may answer. */
function refuses<Types extends readonly KnownType[]>(...types: Types): Refusals<StatusOf<Types[number]>> {
  const known = [...problems.filter(({ type }) => types.includes(type)), DATABASE_UNAVAILABLE];
  const answers = known.map(({ status }) => {
    const alike = known.filter((other) => other.status === status);
    const examples = Object.fromEntries(
      alike.map(({ type, title }) => [type, { value: { type, title, status } }]),
    );
    return [
      status,
      {
        description: alike.map(({ title }) => title).join('; '),
        content: { 'application/problem+json': { schema: Problem, examples } },
      },
    ];
  });
  return Object.fromEntries([...answers, ['default', ANYTHING_ELSE]]);
}

type Refusals<Status extends number> = Record<
  Status | 503 | 'default',
  { description: string; content: { 'application/problem+json': { schema: typeof Problem } } }
>;

import { type Context, Hono } from 'hono';
import {
  NotAllowedError,
  NotLoggedInError,
  UsersUnavailableError,
} from '../../../../lambda/shared/http/identity';
import { answerError, USERS_UNAVAILABLE } from '../../../../lambda/shared/http/problems';
import { createLog } from '../../../../lambda/shared/runtime/log';
import { OverloadedError, ReadOnlyMomentError } from '../../../../lambda/shared/runtime/retry-later';
import { DatabaseUnavailableError, OutcomeUnknownError } from '../../../../lambda/shared/sql/sql';
import { TableUnavailableError } from '../../../../lambda/shared/tables/table';

const lines: Record<string, unknown>[] = [];
const log = createLog({ write: (line: string) => void lines.push(JSON.parse(line)) });
beforeEach(() => {
  lines.length = 0;
});

/** The answer of a service to a request whose work throws this. */
async function answerTo(error: Error, signal?: AbortSignal) {
  const app = new Hono();
  app.onError(answerError([USERS_UNAVAILABLE], log));
  app.get('/x', (_: Context) => Promise.reject(error));
  return app.request('/x', signal && { signal });
}

const cause = new Error('connection lost');

test.each([
  [new NotLoggedInError('Log in'), 401, 'not-logged-in', null],
  [new NotAllowedError('Only staff'), 403, 'not-allowed', null],
  [new UsersUnavailableError({ cause }), 503, 'users-unavailable', /^[1-5]$/],
  [new DatabaseUnavailableError({ cause }), 503, 'database-unavailable', /^1$/],
  [new TableUnavailableError({ cause }), 503, 'data-unavailable', /^1$/],
  [new OverloadedError(), 503, 'overloaded', /^[1-5]$/],
  [new OutcomeUnknownError({ cause }), 503, 'outcome-unknown', /^1$/],
  [new ReadOnlyMomentError(), 503, 'read-only-moment', /^5$/],
])(
  '%s is told apart, with the time to come back if that may help, and is kept by no cache',
  async (error, status, type, after) => {
    const answer = await answerTo(error);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ type, status, detail: error.message });
    const retryAfter = answer.headers.get('retry-after');
    if (after) expect(retryAfter).toMatch(after);
    else expect(retryAfter).toBeNull();
    expect(lines).toEqual(
      error.cause
        ? [
            expect.objectContaining({
              level: 'warn',
              type,
              path: '/x',
              err: expect.objectContaining({ message: cause.message }),
            }),
          ]
        : [],
    );
  },
);

test('a client that went away is no error of the server', async () => {
  const answer = await answerTo(new Error('aborted'), AbortSignal.abort());
  expect([answer.status, lines.map(({ level, msg, path }) => [level, msg, path])]).toEqual([
    400,
    [['warn', 'the client disconnected', '/x']],
  ]);
});

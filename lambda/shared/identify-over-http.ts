import { z } from 'zod';
import type { Identify } from './identity';

const TIMEOUT_MS = 1000;

/** What this needs of the answer to GET /api/users/me. */
const Me = z.object({ id: z.string(), role: z.enum(['customer', 'staff']) });

/** The user service did not say who somebody is: not the same as nobody. */
export class UsersUnavailableError extends Error {
  override name = 'UsersUnavailableError';
}

/** Asks the user service, for a service in a process of its own. `usersUrl` is its origin: `http://users.internal`. */
export function identifyOverHttp(usersUrl: string, { timeoutMs = TIMEOUT_MS } = {}): Identify {
  const url = new URL('/api/users/me', usersUrl);
  return async (token) => {
    const answer = await ask(url, token, timeoutMs);
    if (answer === undefined) return undefined;
    const me = Me.safeParse(answer);
    if (!me.success)
      throw new UsersUnavailableError(`The user service answered in a form not known: ${me.error.message}`);
    return { userId: me.data.id, role: me.data.role };
  };
}

/** The JSON of the answer; undefined when the token is nobody's. */
async function ask(url: URL, token: string, timeoutMs: number): Promise<unknown> {
  try {
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${token}` },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return await response.json();
    await response.body?.cancel();
    if (response.status === 401) return undefined;
    throw new Error(`status ${response.status}`);
  } catch (error) {
    throw new UsersUnavailableError(`The user service did not answer: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

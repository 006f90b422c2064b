import { type Identify, type Identity, UsersUnavailableError } from '../shared/http/identity';
import type { Methods } from '../shared/rpc/contract';
import { ServiceUnavailableError } from '../shared/rpc/errors';
import type { usersContract } from '../shared/rpc/users-contract';
import { isFresh } from '../shared/sql/freshly';
import type { SessionLookUp } from '../users/sessions/session-copies';

export interface RemoteIdentityOptions {
  readonly users: Pick<Methods<typeof usersContract>, 'identify'>;
  /** The copies that the user service makes, for processes that only read. Those that write always ask for the record. */
  readonly lookUp: SessionLookUp | undefined;
}

/**
 * Identifies callers in a process without the user service. Reads go on without it for as long as a copy of the session
 * is kept (decision 0161).
 */
export function remoteIdentity({ users, lookUp }: RemoteIdentityOptions): Identify {
  const ask = async (token: string, from: 'copies' | 'primary' | 'record'): Promise<Identity | undefined> => {
    try {
      return (await users.identify({ token, from })).identity;
    } catch (error) {
      throw error instanceof ServiceUnavailableError ? new UsersUnavailableError({ cause: error }) : error;
    }
  };
  return async (token, from) => {
    if (!lookUp || from === 'record') return ask(token, 'record');
    const found = await lookUp(token);
    if (found === 'ended') return undefined;
    if (found?.is === 'fresh') return found.session;
    return ask(token, isFresh() ? 'primary' : 'copies').catch((error: unknown) => {
      if (found && error instanceof UsersUnavailableError) return found.session;
      throw error;
    });
  };
}

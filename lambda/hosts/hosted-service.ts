import type { Role } from '../inventory/service';
import type { FastPath } from '../shared/http/fast-path';
import type { FreshReads } from '../shared/http/fresh-reads';
import type { Fetch } from '../shared/http/serve';

/** The part of the shop that a process hosts: all of it, or one of its services. */
export interface HostedService {
  readonly fetch: Fetch;
  /** Default: `fetch` answers everything. */
  readonly fastPath?: FastPath | undefined;
  /** Answers the calls of other services; absent where both services share the process. */
  readonly rpc?: (role: Role) => Fetch;
  /** Throws if a required dependency does not answer. */
  ready(): Promise<void>;
  /** Runs the background work of a role, until the returned function is called. Default: that of all roles. */
  background(role?: Role): () => Promise<void>;
  /** Does once what is due beside requests: for functions, which have no background. */
  duties(): Promise<void>;
  /** Called after the last request and the last background task. */
  close(): Promise<void>;
  /** Signs and checks the cookie of clients that changed something; absent in a role without keys. */
  readonly freshReads?: FreshReads;
}

import { z } from 'zod';
import { type Cache, type CacheEntry, CacheUnavailableError, FINAL_VERSION } from '../../shared/cache/cache';
import { CACHE_POLICY } from '../../shared/cache/cache-policy';
import type { Logger } from '../../shared/runtime/log';
import { OutcomeUnknownError, type Sql, type Statements } from '../../shared/sql/sql';
import type { SessionIdentity } from './session';
import { tokenHash } from './tokens';

/** `freshMs`: a copy whose session ended without the cache hearing of it is used for this time at most. */
const { ttlMs, freshMs } = CACHE_POLICY.session.shared;
/** Longer than any load takes that began before the end, from a replica that is as late as may be. It replaces the copy. */
export const ENDED_MS = 60_000;

/** Copies of sessions in a cache that all processes share. SQL keeps the record; see decision 0114. */
export interface SessionCopies {
  /** The session by its copy, or else by `load`, whose result is then copied. Undefined if it has ended. */
  find(
    tokenHash: string,
    load: () => Promise<SessionIdentity | undefined>,
  ): Promise<SessionIdentity | undefined>;
  /** Call after the sessions have ended in SQL and before that is answered. Resolves also when the cache fails. */
  end(tokenHashes: readonly string[]): Promise<void>;
}

export const noSessionCopies: SessionCopies = {
  find: (_tokenHash, load) => load(),
  end: async () => undefined,
};

export interface SessionCopiesOptions {
  readonly cache: Cache;
  /** `use` in processes that only read. Those that write always ask SQL, and `end` the copies that others use. */
  readonly access: 'use' | 'end';
  readonly log: Logger;
  readonly now: () => number;
  /** The age of what SQL answers, in milliseconds. Default 0; more where a replica answers. */
  readonly stalenessMs?: () => number;
}

/** Every failure of the cache leads to SQL, so none ends a session. */
export function createSessionCopies({
  cache,
  access,
  log,
  now,
  stalenessMs = () => 0,
}: SessionCopiesOptions): SessionCopies {
  const find: SessionCopies['find'] = async (tokenHash, load) => {
    const key = keyOf(tokenHash);
    const entry = await cache.get(key).catch(unavailable);
    if (entry?.version === FINAL_VERSION) return undefined;
    const copy = entry && copiedIn(entry, now(), freshMs);
    if (copy) return copy;
    const loadedAt = now() - stalenessMs();
    const session = await load();
    // The answer does not wait for the copy.
    const loaded = session && entryOf(session, loadedAt);
    if (loaded) void cache.put(key, loaded, ttlMs).catch(unavailable);
    return session;
  };

  const end: SessionCopies['end'] = async (tokenHashes) => {
    const ended = { version: FINAL_VERSION, loadedAt: now(), value: '' };
    const stored = await Promise.all(
      tokenHashes.map((tokenHash) => cache.put(keyOf(tokenHash), ended, ENDED_MS).catch(unavailable)),
    );
    // False: the same mark was there.
    const left = stored.filter((done) => done === undefined).length;
    if (left > 0) log.warn({ copies: left }, 'copies of ended sessions may be used for half a minute');
  };

  return { find: access === 'use' ? find : noSessionCopies.find, end };
}

/** A session by the shared cache alone. `stale`: a copy of it was fresh up to ten minutes ago. */
export type SessionLookUp = (
  token: string,
) => Promise<{ readonly is: 'fresh' | 'stale'; readonly session: SessionIdentity } | 'ended' | undefined>;

/** For a process of another service, which asks the user service about what no copy shows. */
export function createSessionLookUp(cache: Cache, now: () => number = Date.now): SessionLookUp {
  return async (token) => {
    const entry = await cache.get(keyOf(tokenHash(token))).catch(unavailable);
    if (entry?.version === FINAL_VERSION) return 'ended';
    const session = entry && copiedIn(entry, now(), ttlMs);
    return session && { is: entry.loadedAt > now() - freshMs ? 'fresh' : 'stale', session };
  };
}

/**
 * Runs a transaction that ends sessions, and then ends their copies. `ended` takes the hashes of their tokens.
 * An unknown outcome counts as an end: the person asked for it, and reads ask SQL again a minute later.
 */
export async function endingSessions<Result>(
  sql: Sql,
  copies: Pick<SessionCopies, 'end'>,
  work: (tx: Statements, ended: (tokenHashes: readonly string[]) => void) => Promise<Result>,
): Promise<Result> {
  let hashes: string[] = [];
  try {
    const result = await sql.transaction((tx) => {
      hashes = [];
      return work(tx, (more) => hashes.push(...more));
    });
    await copies.end(hashes);
    return result;
  } catch (error) {
    if (error instanceof OutcomeUnknownError) await copies.end(hashes);
    throw error;
  }
}

const keyOf = (tokenHash: string) => `session:${tokenHash}`;

const Copy = z.object({
  id: z.string(),
  userId: z.string(),
  role: z.enum(['customer', 'staff']),
  createdAt: z.number(),
  lastSeenAt: z.number(),
  expiresAt: z.number(),
});

/** Each use that is stored makes a newer version. Undefined for a session that no copy can show, as of a later release. */
function entryOf(session: SessionIdentity, loadedAt: number): CacheEntry | undefined {
  const copy = Copy.safeParse(session).data;
  return copy && { version: copy.lastSeenAt, loadedAt, value: JSON.stringify(copy) };
}

/** Undefined if it is too old, may have been extended since, or is in the form of another release. */
function copiedIn(
  { value, loadedAt }: CacheEntry,
  now: number,
  maxAgeMs: number,
): SessionIdentity | undefined {
  if (loadedAt <= now - maxAgeMs) return undefined;
  const copy = Copy.safeParse(parsed(value)).data;
  return copy && copy.expiresAt > now ? copy : undefined;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function unavailable(error: unknown): undefined {
  if (!(error instanceof CacheUnavailableError)) throw error;
}

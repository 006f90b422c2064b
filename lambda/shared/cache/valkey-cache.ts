import { randomUUID } from 'node:crypto';
import { ErrorReply } from '@redis/client';
import { createCircuitBreaker } from '../runtime/circuit-breaker';
import { type Cache, CacheUnavailableError } from './cache';
import {
  type ConnectionOptions,
  keepConnected,
  type ValkeyClient,
  type ValkeyTarget,
} from './valkey-connection';
import { decode } from './valkey-scripts';

export interface ValkeyCacheOptions extends ConnectionOptions {
  /** For each call. Default 50. */
  readonly timeoutMs?: number;
  /** A connection without an answer in time for so long is replaced. Default 10,000. */
  readonly muteMs?: number;
}

export interface ValkeyCache extends Cache {
  /** Counts since the start: calls without an answer in time, calls that failed otherwise, and values nobody wrote. */
  stats(): { readonly timeouts: number; readonly failures: number; readonly nonsense: number };
}

const TIMEOUT_MS = 50;
/** After three calls without an answer, one in a second is tried. */
const BREAKER = { failures: 3, pauseMs: 1000 };
/** A server that stood still answers on the same connection when it goes on; one that is gone never does. */
const MUTE_MS = 10_000;
/** Replies that only another connection can better: the server became a replica, or forgot the log-in. */
const WRONG_CONNECTION = /^(READONLY|NOAUTH)\b/;
const EXPIRED_AT_ONCE = 500;

/** Valkey 7.2 and later, and Redis 7. Resolves after the first attempt to connect, and works or not from then on. */
export async function openValkeyCache(
  target: ValkeyTarget,
  options: ValkeyCacheOptions,
): Promise<ValkeyCache> {
  const { log, timeoutMs = TIMEOUT_MS, muteMs = MUTE_MS } = options;
  const connection = keepConnected(target, options);
  const breaker = createCircuitBreaker({ ...BREAKER, now: () => performance.now() });
  const stats = { timeouts: 0, failures: 0, nonsense: 0 };
  const holder = randomUUID();
  let muteSince: number | undefined;

  const noAnswer = (client: ValkeyClient) => {
    stats.timeouts += 1;
    breaker.failed();
    muteSince ??= performance.now();
    if (performance.now() - muteSince < muteMs) return;
    muteSince = undefined;
    connection.replace(client, new Error(`The cache did not answer in time for ${muteMs / 1000} s`));
  };
  const refused = (client: ValkeyClient, error: Error) => {
    stats.failures += 1;
    if (WRONG_CONNECTION.test(error.message)) connection.replace(client, error);
  };

  const call = <Answer>(question: (client: ValkeyClient) => Promise<Answer>): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const client = connection.client();
      if (!client) return reject(new CacheUnavailableError('The cache is not connected'));
      if (!breaker.allows())
        return reject(new CacheUnavailableError('The cache did not answer a moment ago'));
      let late = false;
      const giveUp = () => {
        late = true;
        noAnswer(client);
        reject(new CacheUnavailableError(`The cache did not answer within ${timeoutMs} ms`));
      };
      let check: NodeJS.Immediate | undefined;
      // After a pause of this process the answer is there, and unread: it is looked for first.
      const timer = setTimeout(() => {
        check = setImmediate(giveUp);
      }, timeoutMs);
      const answered = () => {
        clearTimeout(timer);
        clearImmediate(check);
        if (late) return;
        muteSince = undefined;
        breaker.succeeded();
      };
      question(client).then(
        (answer) => {
          answered();
          resolve(answer);
        },
        (error: Error) => {
          if (error instanceof ErrorReply) answered();
          clearTimeout(timer);
          clearImmediate(check);
          refused(client, error);
          reject(new CacheUnavailableError(`The cache failed: ${error.message}`, { cause: error }));
        },
      );
    });

  const ignored = (key: string, what: 'nonsense' | 'foreign'): undefined => {
    stats.nonsense += 1;
    // Often enough to be seen, and not for each read.
    if (Number.isInteger(Math.log2(stats.nonsense))) {
      log.warn(
        { kind: kindOf(key), what, count: stats.nonsense },
        'the cache answered with a value that is none: it is ignored',
      );
    }
    const client = connection.client();
    // Answers belong to other questions.
    if (client && what === 'foreign')
      connection.replace(
        client,
        new Error(`The cache answered a question for ${kindOf(key)} with another key`),
      );
  };

  await connection.tried;
  return {
    get: async (key) => {
      const stored = await call((client) => client.get(key).catch(noString));
      if (stored === null) return undefined;
      const entry = decode(key, stored);
      if (entry === 'nonsense' || entry === 'foreign') return ignored(key, entry);
      return entry;
    },
    put: (key, entry, ttlMs) => call((client) => client.putEntry(key, entry, ttlMs)),
    expire: async (versions) => {
      const all = [...versions];
      for (let at = 0; at < all.length; at += EXPIRED_AT_ONCE) {
        const some = all.slice(at, at + EXPIRED_AT_ONCE);
        await call((client) => Promise.all(some.map(([key, version]) => client.expireBelow(key, version))));
      }
    },
    lock: async (key, ttlMs) => {
      const expiration = { type: 'PX', value: ttlMs } as const;
      return (await call((client) => client.set(key, holder, { condition: 'NX', expiration }))) === 'OK';
    },
    unlock: async (key) => {
      await call((client) => client.deleteEqual(key, holder));
    },
    close: async () => connection.close(),
    stats: () => ({ ...stats }),
  };
}

/** The kind of data, after the epoch if there is one. The rest of a key may be a search, or the hash of a token. */
const kindOf = (key: string): string => /^(?:[\w-]{8}:)?([a-z]+)(?=:)/.exec(key)?.[1] ?? 'another kind';

/** A key that holds no string counts as nonsense. */
function noString(error: Error): string {
  if (error.message.startsWith('WRONGTYPE')) return '';
  throw error;
}

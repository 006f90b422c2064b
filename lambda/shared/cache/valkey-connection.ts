import { createClient } from '@redis/client';
import type { Logger } from '../runtime/log';
import { scripts } from './valkey-scripts';

export interface ValkeyTarget {
  readonly host: string;
  readonly port: number;
  /** Trusted certificate authorities, in PEM; `true` for the system's. Default: no TLS. */
  readonly tls?: true | { readonly ca: string };
  /** Asked for each connection. Default: none are needed. */
  readonly credentials?: () => Promise<Credentials>;
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface ConnectionOptions {
  readonly log: Logger;
  /** Bounds of a connection's life. */
  readonly lifeMs?: { readonly shortest: number; readonly longest: number };
}

export type ValkeyClient = ReturnType<typeof createValkeyClient>;

/** One connection to the cache; another takes its place when it is lost. */
export interface ValkeyConnection {
  /** Resolves after the first attempt, also if it failed. */
  readonly tried: Promise<void>;
  /** Undefined while there is none. */
  client(): ValkeyClient | undefined;
  /** Ends a connection that does not work, whose calls then fail, and opens another. */
  replace(client: ValkeyClient, why: Error): void;
  close(): void;
}

/** ElastiCache cuts connections 12 hours after their log-in. Lives differ, so that not all end together. */
const LIFE_MS = { shortest: 6 * 3_600_000, longest: 11 * 3_600_000 };
const CONNECT_MS = 2000;
/** The longest pause before an attempt; it doubles from the first. */
const PAUSE_MS = { first: 50, longest: 2000 };
/** A connection that lived shorter counts as a failed attempt. */
const PROVEN_MS = 2000;
/** A connection that another has replaced has this long to finish its calls. */
const FINISH_MS = 1000;

/** The library's own reconnecting is off: it goes on after `destroy`, and does not bound a log-in without an answer. */
export function keepConnected(
  target: ValkeyTarget,
  { log, lifeMs = LIFE_MS }: ConnectionOptions,
): ValkeyConnection {
  let current: { readonly client: ValkeyClient; readonly since: number } | undefined;
  let attempt: ValkeyClient | undefined;
  const retired = new Set<ValkeyClient>();
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let closed = false;

  const openIn = (ms: number) => {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(open, ms).unref();
  };
  const failed = (why: unknown) => {
    if (failures === 0 && !closed) log.warn({ err: why }, 'the cache is not connected: will try again');
    failures += 1;
    openIn(jittered(Math.min(PAUSE_MS.longest, PAUSE_MS.first * 2 ** failures)));
  };

  const open = async (): Promise<void> => {
    const client = createValkeyClient(target);
    attempt = client;
    client.on('error', (error: Error) => {
      if (client === attempt) client.destroy();
      else replace(client, error);
    });
    const late = setTimeout(() => client.destroy(), CONNECT_MS);
    try {
      await client.connect();
      // Given up before the server was reached, it goes on and is ready, but not open.
      if (!client.isOpen) throw new Error(`There was no connection within ${CONNECT_MS} ms`);
      stands(client);
    } catch (error) {
      client.destroy();
      failed(error);
    } finally {
      clearTimeout(late);
      attempt = undefined;
    }
  };
  const stands = (client: ValkeyClient) => {
    if (current) retire(current.client);
    else if (failures > 0) log.info('the cache is connected again');
    current = { client, since: performance.now() };
    openIn(lifeMs.shortest + Math.random() * (lifeMs.longest - lifeMs.shortest));
  };
  const retire = (client: ValkeyClient) => {
    retired.add(client);
    const end = () => {
      client.destroy();
      retired.delete(client);
    };
    setTimeout(end, FINISH_MS).unref();
  };
  const replace = (client: ValkeyClient, why: Error) => {
    if (client !== current?.client) return;
    if (performance.now() - current.since > PROVEN_MS) failures = 0;
    current = undefined;
    client.destroy();
    if (!attempt) failed(why);
  };

  return {
    tried: open(),
    client: () => current?.client,
    replace,
    close: () => {
      closed = true;
      clearTimeout(timer);
      for (const client of retired) client.destroy();
      attempt?.destroy();
      current?.client.destroy();
      current = undefined;
    },
  };
}

const jittered = (ms: number) => ms * (0.5 + Math.random() / 2);

function createValkeyClient({ host, port, tls, credentials }: ValkeyTarget) {
  return createClient({
    socket: {
      host,
      port,
      connectTimeout: CONNECT_MS / 2,
      reconnectStrategy: false,
      // Node sends the server's name only if it is told to, and balancers may route by it.
      ...(tls && { tls: true, servername: host, ...(tls !== true && { ca: tls.ca }) }),
    },
    ...(credentials && { credentialsProvider: { type: 'async-credentials-provider', credentials } }),
    scripts,
    // A call without a connection fails at once.
    disableOfflineQueue: true,
    // The caller has a timeout, which costs a tenth of the library's and also holds once a command is sent.
    commandOptions: { timeout: 0 },
    // Commands that the user may not call.
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
}

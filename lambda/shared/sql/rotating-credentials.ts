import { setTimeout as sleep } from 'node:timers/promises';
import { openMysql } from './mysql';
import { limitsFor } from './mysql-connections';
import { rdsTls, type Tls } from './rds-tls';
import { type Credentials, credentialsReader } from './secrets';
import type { OpenOptions, Sql } from './sql';

/** ER_ACCESS_DENIED_ERROR: the server does not know this user with this password. */
const ACCESS_DENIED = 1045;
/** A rotation changes the server's password before the secret, which is outdated for a moment. */
const TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 250;

export interface SecretSqlOptions extends OpenOptions {
  /** Reads the current credentials. Default: from Secrets Manager, by the ARN in the URL. */
  readonly read?: () => Promise<Credentials>;
  /** Default: Amazon's certificate authorities, with a check of the server's name. Null: no TLS, on this machine. */
  readonly tls?: Tls | null;
}

/** Opens a schema with credentials from a secret: `mysql://host:3306/schema?secret=arn:aws:…`, over TLS. */
export function openSecretMysql(url: string, options: SecretSqlOptions = {}): Sql {
  const target = new URL(url);
  const secret = target.searchParams.get('secret') ?? '';
  target.searchParams.delete('secret');
  const { read = credentialsReader(secret), tls = rdsTls, use } = options;
  const open = ({ user, password }: Credentials) => {
    target.username = encodeURIComponent(user);
    target.password = encodeURIComponent(password);
    return openMysql(target.href, tls ?? undefined, limitsFor(use));
  };
  return withCredentials(read, open);
}

/** A pool and the version of its credentials. */
interface Opened {
  readonly version: string;
  readonly sql: Sql;
  underWay: number;
  /** Pending while polling for another version; kept if one was found. */
  replaced?: Promise<boolean>;
  retired: boolean;
}

/**
 * Opens a pool with the current credentials, and a new one when the server refuses them. Concurrent refusals share one
 * re-read. A refused connection has sent no statement, so the work is safe to retry.
 */
export function withCredentials(
  read: () => Promise<Credentials>,
  open: (credentials: Credentials) => Sql,
  patienceMs = TIMEOUT_MS,
): Sql {
  let current: Promise<Opened> | undefined;
  const openWith = (credentials: Credentials): Opened => ({
    version: credentials.version,
    sql: open(credentials),
    underWay: 0,
    retired: false,
  });

  const opened = (): Promise<Opened> => {
    current ??= read()
      .then(openWith)
      .catch((error) => {
        // The next statement reads them again.
        current = undefined;
        throw error;
      });
    return current;
  };

  /** False if the secret keeps its refused version. */
  const replace = async (refused: Opened): Promise<boolean> => {
    for (const until = Date.now() + patienceMs; ; await sleep(POLL_INTERVAL_MS)) {
      const credentials = await read();
      if (credentials.version !== refused.version) {
        current = Promise.resolve(openWith(credentials));
        refused.retired = true;
        return true;
      }
      if (Date.now() >= until) return false;
    }
  };

  const renewed = (refused: Opened): Promise<boolean> => {
    refused.replaced ??= replace(refused).finally(() => {
      if (!refused.retired) refused.replaced = undefined;
    });
    return refused.replaced;
  };

  const run = async <Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> => {
    const pools = await opened();
    if (pools.retired) return run(work);
    pools.underWay++;
    try {
      return await work(pools.sql);
    } catch (error) {
      if ((error as { errno?: number }).errno !== ACCESS_DENIED || !(await renewed(pools))) throw error;
    } finally {
      pools.underWay--;
      // Connections from before the change are still valid, so running work is finished first.
      if (pools.retired && pools.underWay === 0) void pools.sql.close().catch(() => undefined);
    }
    return run(work);
  };

  return {
    query: (statement, values) => run((sql) => sql.query(statement, values)),
    execute: (statement, values) => run((sql) => sql.execute(statement, values)),
    transaction: (work) => run((sql) => sql.transaction(work)),
    exclusively: (name, work) => run((sql) => sql.exclusively(name, work)),
    close: async () => {
      const pools = await current?.catch(() => undefined);
      await pools?.sql.close();
    },
  };
}

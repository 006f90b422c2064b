import { setTimeout as sleep } from 'node:timers/promises';
import { openMysql } from './mysql';
import { LIMITS, UNHURRIED } from './mysql-connections';
import { rdsTls, type Tls } from './rds-tls';
import { type Credentials, credentialsReader } from './secrets';
import type { OpenOptions, Sql } from './sql';

/** ER_ACCESS_DENIED_ERROR: the server does not know this user with this password. */
const ACCESS_DENIED = 1045;
/** A rotation changes the server's password and then says so: for a moment the secret still holds the old one. */
const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 250;

export interface SecretSqlOptions extends OpenOptions {
  /** What the secret holds now. Default: Secrets Manager, asked for the secret that the URL names. */
  readonly read?: () => Promise<Credentials>;
  /** Default: Amazon's certificate authorities, and the server's name checked. Null: none, on this machine. */
  readonly tls?: Tls | null;
}

/** A schema whose URL names the secret of its user: `mysql://host:3306/schema?secret=arn:aws:…`, over TLS. */
export function openSecretMysql(url: string, options: SecretSqlOptions = {}): Sql {
  const target = new URL(url);
  const secret = target.searchParams.get('secret') ?? '';
  target.searchParams.delete('secret');
  const { read = credentialsReader(secret), tls = rdsTls, unhurried } = options;
  const open = ({ user, password }: Credentials) => {
    target.username = encodeURIComponent(user);
    target.password = encodeURIComponent(password);
    return openMysql(target.href, tls ?? undefined, unhurried ? UNHURRIED : LIMITS);
  };
  return withCredentials(read, open);
}

/** Pools that were opened with one version of the credentials. */
interface Opened {
  readonly version: string;
  readonly sql: Sql;
  underWay: number;
  /** Set while another version is looked for, and afterwards when there was one. */
  replaced?: Promise<boolean>;
  retired: boolean;
}

/**
 * Opens with the credentials that are valid now, and again with the next ones when the server refuses them: one
 * re-reading a change, however many were refused at once. Who is refused has sent no statement, so it is done again.
 */
export function withCredentials(
  read: () => Promise<Credentials>,
  open: (credentials: Credentials) => Sql,
  patienceMs = PATIENCE_MS,
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
        // The next statement asks again.
        current = undefined;
        throw error;
      });
    return current;
  };

  /** False when the secret stays the one that was refused. */
  const replace = async (refused: Opened): Promise<boolean> => {
    for (const until = Date.now() + patienceMs; ; await sleep(LOOK_AGAIN_MS)) {
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
      // Connections that were made before the change are still good, so what runs on them ends first.
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

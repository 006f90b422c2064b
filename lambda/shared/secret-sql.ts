import { setTimeout as sleep } from 'node:timers/promises';
import { openMysql } from './mysql';
import { rdsTls, type Tls } from './rds-tls';
import { type Credentials, credentialsReader } from './secrets';
import type { Sql } from './sql';

/** ER_ACCESS_DENIED_ERROR: the server does not know this user with this password. */
const ACCESS_DENIED = 1045;
/** A rotation changes the server's password and then says so: for a moment the secret still holds the old one. */
const PATIENCE_MS = 5_000;
const LOOK_AGAIN_MS = 250;

export interface SecretSqlOptions {
  /** What the secret holds now. */
  readonly read: () => Promise<Credentials>;
  /** Default: Amazon's certificate authorities, and the server's name checked. */
  readonly tls?: Tls;
}

/** A schema whose URL names the secret of its user: `mysql://host:3306/schema?secret=arn:aws:…`, over TLS. */
export function openSecretMysql(url: string, options?: SecretSqlOptions): Sql {
  const target = new URL(url);
  const secret = target.searchParams.get('secret') ?? '';
  target.searchParams.delete('secret');
  const { read, tls = rdsTls } = options ?? { read: credentialsReader(secret) };
  return withCredentials(read, ({ user, password }) => {
    target.username = encodeURIComponent(user);
    target.password = encodeURIComponent(password);
    return openMysql(target.href, tls);
  });
}

/** A pool that was opened with one version of the credentials. */
interface Opened {
  readonly version: string;
  readonly sql: Sql;
  underWay: number;
  retired: boolean;
}

/**
 * Opens with the credentials that are valid now, and again with the next ones when the server refuses them, whoever
 * noticed first. Being refused happens before a statement is sent, so what was refused is simply done again.
 */
export function withCredentials(read: () => Promise<Credentials>, open: (credentials: Credentials) => Sql): Sql {
  const openWith = (credentials: Credentials): Opened => ({
    version: credentials.version,
    sql: open(credentials),
    underWay: 0,
    retired: false,
  });
  let current: Promise<Opened> | undefined;

  const first = (): Promise<Opened> => {
    const opening = read().then(openWith);
    opening.catch(() => {
      // The next statement tries again.
      current = undefined;
    });
    return opening;
  };

  /** Undefined when the secret stays the one that was refused. */
  const next = async (refused: Opened): Promise<Opened | undefined> => {
    for (const until = Date.now() + PATIENCE_MS; ; await sleep(LOOK_AGAIN_MS)) {
      const credentials = await read();
      if (credentials.version !== refused.version) return openWith(credentials);
      if (Date.now() > until) return undefined;
    }
  };

  const renewals = new Map<Opened, Promise<boolean>>();
  /** One re-reading a change, however many were refused at once; false when there was no change. */
  const renewed = (refused: Opened): Promise<boolean> => {
    const known = renewals.get(refused);
    if (known) return known;
    const renewal = next(refused).then((opened) => {
      if (opened) {
        current = Promise.resolve(opened);
        refused.retired = true;
        closeWhenIdle(refused);
      }
      return opened !== undefined;
    });
    renewals.set(refused, renewal);
    const forget = () => renewals.delete(refused);
    // A refused pool that was replaced stays known, for those that learn of it later.
    renewal.then((done) => done || forget(), forget);
    return renewal;
  };

  const run = async <Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> => {
    current ??= first();
    const opened = await current;
    opened.underWay++;
    try {
      return await work(opened.sql);
    } catch (error) {
      if ((error as { errno?: number }).errno !== ACCESS_DENIED || !(await renewed(opened))) throw error;
    } finally {
      opened.underWay--;
      closeWhenIdle(opened);
    }
    return run(work);
  };

  return {
    query: (statement, values) => run((sql) => sql.query(statement, values)),
    execute: (statement, values) => run((sql) => sql.execute(statement, values)),
    transaction: (work) => run((sql) => sql.transaction(work)),
    exclusively: (name, work) => run((sql) => sql.exclusively(name, work)),
    close: async () => {
      const opened = await current?.catch(() => undefined);
      await opened?.sql.close();
    },
  };
}

/** Its connections are still good, so what runs on them ends first. */
function closeWhenIdle({ retired, underWay, sql }: Opened): void {
  // Nobody waits for it, and a connection that cannot say good-bye is gone all the same.
  if (retired && underWay === 0) void sql.close().catch(() => undefined);
}

import type { OpenOptions, Sql } from './sql';

/**
 * Opens the schema that a URL names: `mysql://user:password@host:3306/schema` (also `?socketPath=/run/…`),
 * `mysql://host:3306/schema?secret=arn:…` (credentials from Secrets Manager, over TLS), or `file:/folder/schema.db`
 * (SQLite). Drivers are loaded on demand, since they cost start-up time.
 */
export async function openSql(url: string, options: OpenOptions = {}): Promise<Sql> {
  if (/^mysql:.*[?&]secret=/.test(url))
    return (await import('./rotating-credentials')).openSecretMysql(url, options);
  if (url.startsWith('mysql://')) {
    const [{ openMysql }, { limitsFor }] = await Promise.all([
      import('./mysql'),
      import('./mysql-connections'),
    ]);
    return openMysql(url, undefined, limitsFor(options.use));
  }
  if (url.startsWith('file:')) return (await import('./sqlite')).openSqlite(url.slice('file:'.length));
  throw new Error(
    `A database URL starts with mysql:// or file:, not "${url.replace(/\/\/.*@/, '//…@').slice(0, 60)}"`,
  );
}

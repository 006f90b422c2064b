import { readFile } from 'node:fs/promises';
import type { Logger } from '../runtime/log';
import type { Cache } from './cache';
import type { ValkeyTarget } from './valkey-connection';

const PORT = 6379;

/**
 * Opens the cache that a URL names: `valkey://user:password@host:6379` (a log-in is optional), the same with
 * `valkeys://` over TLS (`?ca=/file.pem` trusts one authority alone), or `valkeys://host:6379?user=…&cache=…` (log-in by
 * IAM at a serverless cache). Resolves also while the cache is down. The client is loaded on demand, since it costs
 * start-up time.
 */
export async function openCache(url: string, log: Logger): Promise<Cache> {
  const { openValkeyCache } = await import('./valkey-cache');
  return openValkeyCache(await targetOf(url), { log });
}

/** @throws Error if the URL names no Valkey */
export async function targetOf(url: string, region = process.env.AWS_REGION): Promise<ValkeyTarget> {
  const { protocol, hostname, port, username, password, searchParams } = parsed(url);
  const ca = searchParams.get('ca');
  return {
    host: hostname,
    port: Number(port || PORT),
    ...(protocol === 'valkeys:' && { tls: ca === null ? true : { ca: await readFile(ca, 'utf8') } }),
    ...(await credentialsOf({ username, password, searchParams }, region)),
  };
}

function parsed(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (target && ['valkey:', 'valkeys:'].includes(target.protocol) && target.hostname) return target;
  throw new Error(
    `A cache URL starts with valkey:// or valkeys://, not "${url.replace(/\/\/.*@/, '//…@').slice(0, 60)}"`,
  );
}

async function credentialsOf(
  { username, password, searchParams }: Pick<URL, 'username' | 'password' | 'searchParams'>,
  region: string | undefined,
): Promise<Pick<ValkeyTarget, 'credentials'>> {
  const [user, cache] = [searchParams.get('user'), searchParams.get('cache')];
  if (user && cache) {
    if (!region)
      throw new Error('AWS_REGION is required for a cache that is logged in to by IAM, but not set');
    const token = (await import('./iam-token')).iamTokens({ user, cache, region });
    return { credentials: async () => ({ username: user, password: await token() }) };
  }
  if (!password) return {};
  const login = {
    username: decodeURIComponent(username) || 'default',
    password: decodeURIComponent(password),
  };
  return { credentials: async () => login };
}

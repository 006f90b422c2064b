import type { MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';

const DAY_SECONDS = 86_400;

/**
 * Lets pages of other origins call the API with a bearer token: the cookie of the session stays with the shop's own
 * pages, so no header allows credentials (decision 0223). @param origins exact ones, as `originsFrom` reads them
 */
export const crossOrigin = (origins: readonly string[]): MiddlewareHandler =>
  cors({
    origin: [...origins],
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-Match', 'If-None-Match'],
    exposeHeaders: ['ETag', 'Location', 'Retry-After', 'X-Request-Id'],
    maxAge: DAY_SECONDS,
  });

/** Origins separated by spaces. @throws Error for anything but a scheme, a host and perhaps a port */
export function originsFrom(setting: string | undefined): string[] {
  const origins = setting?.split(/\s+/).filter(Boolean) ?? [];
  for (const origin of origins) {
    const isOne = URL.canParse(origin) && new URL(origin).origin === origin && /^https?:/.test(origin);
    if (!isOne)
      throw new Error(
        `An allowed origin must be like https://app.example.com, in lower case, not "${origin}"`,
      );
  }
  return origins;
}

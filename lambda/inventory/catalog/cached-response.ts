import { createHash } from 'node:crypto';

/** A response, ready to send. */
export interface CachedResponse {
  readonly body: string;
  readonly headers: Readonly<Record<'Content-Type' | 'Cache-Control' | 'ETag', string>>;
}

/** The tag and the bytes. A release that stores something else must give its keys another name: old ones stay. */
export const packed = (etag: string, body: string): string => `${etag}\n${body}`;

export function unpacked(value: string, cacheControl: string): CachedResponse {
  const end = value.indexOf('\n');
  return {
    body: value.slice(end + 1),
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': cacheControl,
      ETag: value.slice(0, end),
    },
  };
}

export const hashTag = (body: string): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

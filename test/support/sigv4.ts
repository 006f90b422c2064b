import { createHash, createHmac } from 'node:crypto';

interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** With the parameters of the signature. */
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Default: not signed. */
  readonly body?: string;
}

/** AWS Signature Version 4 of a presigned request, from Amazon's description of it and not by its SDK. */
export function presignature(
  { method, path, query, headers, body }: SignedRequest,
  secretAccessKey: string,
): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const canonicalQuery = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const signed = query.get('X-Amz-SignedHeaders') ?? '';
  const canonicalHeaders = signed.split(';').map((name) => `${name}:${headers[name] ?? ''}\n`);
  const canonical = [
    method,
    path,
    canonicalQuery,
    canonicalHeaders.join(''),
    signed,
    body === undefined ? 'UNSIGNED-PAYLOAD' : sha256(body),
  ].join('\n');
  const scope = query.get('X-Amz-Credential')?.split('/').slice(1) ?? [];
  const toSign = ['AWS4-HMAC-SHA256', query.get('X-Amz-Date'), scope.join('/'), sha256(canonical)];
  const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.reduce<Buffer | string>(hmac, `AWS4${secretAccessKey}`);
  return hmac(key, toSign.join('\n')).toString('hex');
}

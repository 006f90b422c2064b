import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startFauxqs } from './fauxqs';

export interface S3 {
  readonly url: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}

const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'a-secret-of-this-test' };
const bucket = 'files';

/**
 * An S3 with one bucket: fauxqs, and in front of it what fauxqs does not check and S3 does with a presigned PUT
 * (signature, expiry, checksum, If-None-Match), written from Amazon's description of the protocol and not by its SDK.
 */
export async function startS3(): Promise<S3> {
  const { url: behind, stop } = await startFauxqs();
  await fetch(`${behind}/${bucket}`, { method: 'PUT' });
  const front = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming).catch(() => undefined);
    if (!body) return outgoing.destroy();
    const refusal = incoming.url?.includes('X-Amz-Signature') && (await refused(incoming, body, behind));
    if (refusal) return outgoing.writeHead(refusal[0]).end(refusal[1]);
    // Small pages, so that lists have several.
    const pages = incoming.url?.includes('list-type=2') ? '&max-keys=20' : '';
    const { host: _, connection: __, 'content-length': ___, ...headers } = incoming.headers;
    const answer = await fetch(behind + incoming.url + pages, {
      method: incoming.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const length = bytes.length || Number(answer.headers.get('content-length'));
    outgoing.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? '',
      'content-length': length,
    });
    return outgoing.end(bytes);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    bucket,
    credentials,
    stop: async () => {
      front.closeAllConnections();
      front.close();
      await stop();
    },
  };
}

async function refused(
  incoming: IncomingMessage,
  body: Buffer,
  behind: string,
): Promise<[number, string] | undefined> {
  const { pathname, searchParams: query } = new URL(incoming.url ?? '', 'http://s3');
  if (query.get('X-Amz-Signature') !== signature(incoming.method ?? '', pathname, query, incoming.headers)) {
    return [403, 'SignatureDoesNotMatch'];
  }
  const at = query.get('X-Amz-Date')?.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z') ?? '';
  if (Date.parse(at) + Number(query.get('X-Amz-Expires')) * 1000 < Date.now())
    return [403, 'AccessDenied: expired'];
  const checksum = incoming.headers['x-amz-checksum-sha256'];
  if (checksum !== createHash('sha256').update(body).digest('base64')) return [400, 'BadDigest'];
  const there = await fetch(behind + pathname, { method: 'HEAD' });
  if (incoming.headers['if-none-match'] === '*' && there.ok) return [412, 'PreconditionFailed'];
  return undefined;
}

/** AWS Signature Version 4 of a presigned request. */
function signature(
  method: string,
  path: string,
  query: URLSearchParams,
  headers: IncomingMessage['headers'],
): string {
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
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
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const scope = query.get('X-Amz-Credential')?.split('/').slice(1) ?? [];
  const toSign = [
    'AWS4-HMAC-SHA256',
    query.get('X-Amz-Date'),
    scope.join('/'),
    createHash('sha256').update(canonical).digest('hex'),
  ];
  const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.reduce<Buffer | string>(hmac, `AWS4${credentials.secretAccessKey}`);
  return hmac(key, toSign.join('\n')).toString('hex');
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { cleanup } from './cleanup';
import { startFauxqs } from './fauxqs';
import { presignature } from './sigv4';

export interface S3 {
  readonly url: string;
  readonly bucket: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
}

const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'a-secret-of-this-test' };
const bucket = 'files';

type Answer = [status: number, body: Buffer | string, headers?: Record<string, string | number>];

/**
 * An S3 with one bucket: fauxqs, and in front of it what fauxqs does not check and S3 does with a presigned PUT
 * (signature, expiry, checksum, If-None-Match), written from Amazon's description of the protocol and not by its SDK.
 */
export async function startS3(): Promise<S3> {
  const { url: behind, stop } = await startFauxqs();
  await fetch(`${behind}/${bucket}`, { method: 'PUT' });
  // S3 looks whether a key is free and stores in one step: so each upload waits for the one before.
  let turn: Promise<unknown> = Promise.resolve();
  const answer = async (incoming: IncomingMessage, body: Buffer): Promise<Answer> => {
    const refusal = incoming.url?.includes('X-Amz-Signature') && (await refused(incoming, body, behind));
    if (refusal) return refusal;
    // Small pages, so that lists have several.
    const pages = incoming.url?.includes('list-type=2') ? '&max-keys=20' : '';
    const { host: _, connection: __, 'content-length': ___, ...headers } = incoming.headers;
    const stored = await fetch(behind + incoming.url + pages, {
      method: incoming.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body }),
    });
    const bytes = Buffer.from(await stored.arrayBuffer());
    const length = bytes.length || Number(stored.headers.get('content-length'));
    const type = stored.headers.get('content-type') ?? '';
    return [stored.status, bytes, { 'content-type': type, 'content-length': length }];
  };
  // Idle connections stay open: a busy client would send a request on one in the moment in which it is closed.
  const front = createServer({ keepAliveTimeout: 0 }, async (incoming, outgoing) => {
    const body = await buffer(incoming).catch(() => undefined);
    if (!body) return outgoing.destroy();
    const answered =
      incoming.method === 'PUT' ? turn.then(() => answer(incoming, body)) : answer(incoming, body);
    if (incoming.method === 'PUT') turn = answered.catch(() => undefined);
    const [status, bytes, headers] = await answered;
    return outgoing.writeHead(status, headers).end(bytes);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    bucket,
    credentials,
    stop: cleanup(async () => {
      front.closeAllConnections();
      front.close();
      await stop();
    }),
  };
}

async function refused(incoming: IncomingMessage, body: Buffer, behind: string): Promise<Answer | undefined> {
  const { pathname, searchParams: query } = new URL(incoming.url ?? '', 'http://s3');
  const { method = '', headers } = incoming;
  const signature = presignature({ method, path: pathname, query, headers }, credentials.secretAccessKey);
  if (query.get('X-Amz-Signature') !== signature) return [403, 'SignatureDoesNotMatch'];
  const at = query.get('X-Amz-Date')?.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z') ?? '';
  if (Date.parse(at) + Number(query.get('X-Amz-Expires')) * 1000 < Date.now())
    return [403, 'AccessDenied: expired'];
  const checksum = incoming.headers['x-amz-checksum-sha256'];
  if (checksum !== createHash('sha256').update(body).digest('base64')) return [400, 'BadDigest'];
  const there = await fetch(behind + pathname, { method: 'HEAD' });
  if (incoming.headers['if-none-match'] === '*' && there.ok) return [412, 'PreconditionFailed'];
  return undefined;
}

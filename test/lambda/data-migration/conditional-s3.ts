import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { cleanup } from '../../support/cleanup';
import { startFauxqs } from '../../support/fauxqs';

export interface ConditionalS3 {
  readonly client: S3Client;
  /** The same for `openS3Blobs`. */
  readonly config: { endpoint: string; region: string; forcePathStyle: true; credentials: Credentials };
  createBucket(name: string): Promise<void>;
  /** The next write is stored, and its answer is lost. */
  loseNextAnswer(): void;
  stop(): Promise<void>;
}

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * fauxqs, and in front of it the one thing that it ignores (1.9.2) and S3 does: If-Match and If-None-Match of a PUT,
 * answered as Amazon's "Conditional writes" describes it: 412, and 404 for If-Match where nothing is.
 */
export async function startConditionalS3(): Promise<ConditionalS3> {
  const { url: behind, stop } = await startFauxqs();
  let losing = false;
  let turn: Promise<unknown> = Promise.resolve();

  const pass = async (incoming: IncomingMessage, body: Buffer) => {
    const { host: _, connection: __, 'content-length': ___, ...headers } = incoming.headers;
    const refusal = incoming.method === 'PUT' && (await refused(`${behind}${incoming.url}`, headers));
    if (refusal) return refusal;
    return fetch(`${behind}${incoming.url}`, {
      method: incoming.method ?? 'GET',
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
  };

  // Idle connections stay open: a busy client would send a request on one in the moment in which it is closed.
  const front = createServer({ keepAliveTimeout: 0 }, async (incoming, outgoing) => {
    const body = await buffer(incoming);
    const answered = turn.then(() => pass(incoming, body));
    if (incoming.method === 'PUT') turn = answered;
    const answer = await answered;
    if (losing && incoming.method === 'PUT') {
      losing = false;
      return outgoing.destroy();
    }
    const bytes = Buffer.from(await answer.arrayBuffer());
    const length = bytes.length || Number(answer.headers.get('content-length') ?? 0);
    for (const name of ['content-type', 'etag']) outgoing.setHeader(name, answer.headers.get(name) ?? '');
    return outgoing.writeHead(answer.status, { 'content-length': length }).end(bytes);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');

  const endpoint = `http://127.0.0.1:${(front.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const config = { endpoint, region: 'eu-central-1', forcePathStyle: true as const, credentials };
  const client = new S3Client(config);
  return {
    client,
    config,
    createBucket: async (name) => {
      await client.send(new CreateBucketCommand({ Bucket: name }));
    },
    loseNextAnswer: () => {
      losing = true;
    },
    stop: cleanup(async () => {
      client.destroy();
      front.closeAllConnections();
      front.close();
      await stop();
    }),
  };
}

async function refused(url: string, headers: IncomingMessage['headers']): Promise<Response | undefined> {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match === undefined && noneMatch === undefined) return undefined;
  const there = await fetch(url, { method: 'HEAD' });
  if (match !== undefined && !there.ok) return error(404, 'NoSuchKey');
  if (match !== undefined && there.headers.get('etag') !== match) return error(412, 'PreconditionFailed');
  if (noneMatch === '*' && there.ok) return error(412, 'PreconditionFailed');
  return undefined;
}

const error = (status: number, code: string) =>
  new Response(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`, {
    status,
    headers: { 'content-type': 'application/xml' },
  });

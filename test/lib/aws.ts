import { once } from 'node:events';
import { createServer } from 'node:http';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { cleanup, cleanupServer } from '../support/cleanup';
import { startFauxqs } from '../support/fauxqs';

/**
 * A call as a service sees it: the action, and the form of the query protocol or the JSON of the others. Of the REST
 * protocols, the action is the method and the path.
 */
export interface Call {
  readonly action: string;
  readonly values: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status?: number;
  readonly body: string;
}

/** A loopback server that speaks the query, JSON and REST protocols of AWS; `answer` returns the answer to each call. */
export class AwsServer {
  readonly calls: Call[] = [];
  /** Error codes that the next calls of an action are refused with, one each. */
  readonly denials = new Map<string, string[]>();
  private constructor(readonly url: string) {}

  static async start(answer: (call: Call) => Answer): Promise<AwsServer> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const call =
        request.method === 'POST'
          ? parse(text, String(request.headers['x-amz-target'] ?? ''))
          : { action: `${request.method} ${request.url?.replace(/[?].*/, '')}`, values: {} };
      aws.calls.push(call);
      const denial = aws.denials.get(call.action)?.shift();
      const { status = 200, body } = denial
        ? deniedAs(denial, request.headers['x-amz-target'])
        : answer(call);
      response.writeHead(status, {
        'content-type': body.startsWith('{') ? 'application/x-amz-json-1.1' : 'text/xml',
      });
      response.end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (!address || typeof address === 'string') throw new Error('unreachable: a TCP server has a port');
    cleanupServer(server);
    const aws = new AwsServer(`http://127.0.0.1:${address.port}`);
    return aws;
  }
}

function parse(body: string, target: string): Call {
  if (target) return { action: target.split('.')[1] ?? '', values: JSON.parse(body) };
  const values = Object.fromEntries(new URLSearchParams(body));
  return { action: values.Action ?? '', values };
}

/** A refusal in the query protocol. */
export function refused(code: string): Answer {
  const error = `<Code>${code}</Code><Message>${code} for a test</Message>`;
  // EC2 has a shape of its own; the others read the inner one.
  return {
    status: 400,
    body: `<Response><Errors><Error>${error}</Error></Errors><Error>${error}</Error><RequestID>1</RequestID></Response>`,
  };
}

/** The same in the protocol of the call: JSON when the header names an action. */
function deniedAs(code: string, target: unknown): Answer {
  return target
    ? { status: 400, body: JSON.stringify({ __type: code, message: `${code} for a test` }) }
    : refused(code);
}

/** DescribeStacks of CloudFormation. */
export function stackInState(state: string): Answer {
  const member = `<member><StackName>Shop</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${state}</StackStatus></member>`;
  return {
    body: `<DescribeStacksResponse><DescribeStacksResult><Stacks>${member}</Stacks></DescribeStacksResult></DescribeStacksResponse>`,
  };
}

/** A real S3 API in a process of its own, with one bucket named `deployments`. */
export class Bucket {
  private constructor(
    private readonly client: S3Client,
    readonly url: string,
  ) {}

  static async start(): Promise<Bucket> {
    const { url } = await startFauxqs();
    const client = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true });
    cleanup(() => client.destroy());
    await client.send(new CreateBucketCommand({ Bucket: 'deployments' }));
    return new Bucket(client, url);
  }

  async get(Key: string): Promise<string> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: 'deployments', Key }));
    return (await Body?.transformToString()) ?? '';
  }

  async put(Key: string, Body: string): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: 'deployments', Key, Body }));
  }
}

/** Sets the environment of every function. A suite with a server for a service adds that service's endpoint. */
export function lambdaEnvironment(values: Readonly<Record<string, string>>): void {
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_MAX_ATTEMPTS: '1',
    ...values,
  });
}

/** A Lambda context with this much time left from now on. */
export function contextWith(milliseconds: number): { getRemainingTimeInMillis(): number } {
  const end = Date.now() + milliseconds;
  return { getRemainingTimeInMillis: () => end - Date.now() };
}

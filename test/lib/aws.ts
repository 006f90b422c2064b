import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startFauxqs } from '../support/fauxqs';

/** A call as a service sees it: the action, and the form of the query protocol or the JSON of the others. */
export interface Call {
  readonly action: string;
  readonly values: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status?: number;
  readonly body: string;
}

/** A loopback server that speaks the query and JSON protocols of AWS; `answer` says what each call gets. */
export class AwsServer {
  readonly calls: Call[] = [];
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(answer: (call: Call) => Answer): Promise<AwsServer> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const call = parse(Buffer.concat(chunks).toString(), String(request.headers['x-amz-target'] ?? ''));
      aws.calls.push(call);
      const { status = 200, body } = answer(call);
      response.writeHead(status, {
        'content-type': body.startsWith('{') ? 'application/x-amz-json-1.1' : 'text/xml',
      });
      response.end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (!address || typeof address === 'string') throw new Error('unreachable: a TCP server has a port');
    const aws = new AwsServer(server, `http://127.0.0.1:${address.port}`);
    return aws;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

function parse(body: string, target: string): Call {
  if (target) return { action: target.split('.')[1] ?? '', values: JSON.parse(body) };
  const values = Object.fromEntries(new URLSearchParams(body));
  return { action: values.Action ?? '', values };
}

/** What the query protocol says when a call is refused. */
export function refused(code: string): Answer {
  const error = `<Code>${code}</Code><Message>${code} for a test</Message>`;
  // EC2 has a shape of its own; the others read the inner one.
  return {
    status: 400,
    body: `<Response><Errors><Error>${error}</Error></Errors><Error>${error}</Error><RequestID>1</RequestID></Response>`,
  };
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
    private readonly stopServer: () => Promise<void>,
  ) {}

  static async start(): Promise<Bucket> {
    const { url, stop } = await startFauxqs();
    const client = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true });
    await client.send(new CreateBucketCommand({ Bucket: 'deployments' }));
    return new Bucket(client, url, stop);
  }

  async stop(): Promise<void> {
    this.client.destroy();
    await this.stopServer();
  }

  async get(Key: string): Promise<string> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: 'deployments', Key }));
    return (await Body?.transformToString()) ?? '';
  }

  async put(Key: string, Body: string): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: 'deployments', Key, Body }));
  }
}

/** What Lambda gives to every function. Endpoints of services are added by the suite that has a server for them. */
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

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { CustomResourceEvent } from '../../lib/custom-resource/respond';
import { cleanupServer } from '../support/cleanup';

export interface Received {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { Status: string; Reason?: string; PhysicalResourceId: string; [key: string]: unknown };
}

/** The address that CloudFormation gives to a custom resource for its answer; `statuses` are its first answers. */
export class ResponseServer {
  readonly received: Received[] = [];
  statuses: number[] = [];
  url = '';
  private readonly server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    this.received.push({ method: request.method ?? '', headers: request.headers, body });
    response.writeHead(this.statuses.shift() ?? 200).end();
  });

  async start(): Promise<void> {
    cleanupServer(this.server);
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address && typeof address !== 'string')
      this.url = `http://127.0.0.1:${address.port}/answer?signature=1`;
  }

  /** The one answer that was given since the last look. */
  answer(): Received['body'] {
    const [only] = this.received.splice(0);
    if (!only) throw new Error('CloudFormation got no answer');
    return only.body;
  }

  event<P>(RequestType: 'Create' | 'Update' | 'Delete', now: P, before?: P): CustomResourceEvent<P> {
    return {
      RequestType,
      ResponseURL: this.url,
      StackId: 'arn:aws:cloudformation:us-east-1:111122223333:stack/Shop/1',
      RequestId: `request-${++requests}`,
      LogicalResourceId: 'Resource',
      PhysicalResourceId: RequestType === 'Create' ? undefined : 'what-it-was',
      ResourceProperties: now,
      OldResourceProperties: before,
    };
  }
}

let requests = 0;

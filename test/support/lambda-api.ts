import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { cleanupServer } from './cleanup';

type Fn = (event: unknown) => Promise<unknown>;

const INVOKE = /^\/2015-03-31\/functions\/([\w:-]{1,170})\/invocations$/;

/**
 * Lambda's Invoke by its published description: a function's result or its error, in a 200 answer with a header; 404 for
 * a function that is not there, 429 when no more may run at once, 400 for an event that is no JSON.
 */
export class LambdaApi {
  private readonly functions = new Map<string, Fn>();
  private running = 0;
  /** The most that may run at once. */
  concurrency = 10;
  /** A function that runs longer is ended. */
  timeoutMs = 60_000;
  /** The events of all functions, as they came. */
  readonly events: { readonly name: string; readonly event: unknown }[] = [];
  /** Calls that found no room. */
  throttled = 0;
  /** Ends every open connection, without an answer. */
  readonly cut: () => void;
  private constructor(
    readonly url: string,
    server: Server,
  ) {
    this.cut = () => server.closeAllConnections();
  }

  static async start(): Promise<LambdaApi> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const name = request.method === 'POST' ? INVOKE.exec(request.url ?? '')?.[1] : undefined;
      if (!name)
        return refuse(response, 403, 'AccessDeniedException', 'Invoke is all that this server speaks');
      await api.invoke(response, name, Buffer.concat(chunks).toString());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (!address || typeof address === 'string') throw new Error('unreachable: a TCP server has a port');
    cleanupServer(server);
    const api = new LambdaApi(`http://127.0.0.1:${address.port}`, server);
    return api;
  }

  /** Events and results go through JSON. */
  deploy(name: string, fn: Fn): void {
    this.functions.set(name, fn);
  }

  private async invoke(response: ServerResponse, name: string, text: string): Promise<void> {
    const fn = this.functions.get(name);
    if (!fn) return refuse(response, 404, 'ResourceNotFoundException', `Function not found: ${name}`);
    const event = parsed(text);
    if (event === undefined)
      return refuse(
        response,
        400,
        'InvalidRequestContentException',
        'Could not parse request body into json',
      );
    if (this.running >= this.concurrency) {
      this.throttled++;
      return refuse(response, 429, 'TooManyRequestsException', 'Rate Exceeded.');
    }
    this.events.push({ name, event });
    this.running++;
    try {
      const result = await Promise.race([fn(event), ended(this.timeoutMs)]);
      answer(response, 200, result ?? null);
    } catch (error) {
      response.setHeader('x-amz-function-error', 'Unhandled');
      answer(response, 200, failure(error as Error));
    } finally {
      this.running--;
    }
  }
}

/** The function was ended from outside, so the error has no type. */
class TimedOutError extends Error {}

function ended(afterMs: number): Promise<never> {
  return new Promise((_, reject) => {
    const message = `2026-11-27T04:15:00.000Z 1 Task timed out after ${(afterMs / 1000).toFixed(2)} seconds`;
    setTimeout(() => reject(new TimedOutError(message)), afterMs).unref();
  });
}

const failure = (error: Error) =>
  error instanceof TimedOutError
    ? { errorMessage: error.message }
    : { errorType: error.name, errorMessage: error.message, trace: [] };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.setHeader('x-amzn-errortype', type);
  answer(response, status, { Type: 'User', Message: message });
}

function answer(response: ServerResponse, status: number, content: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(content));
}

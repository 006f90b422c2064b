import { connect as connectInClear, type Socket } from 'node:net';
import { connect as connectOverTls } from 'node:tls';
import { type Answer, answerReader } from './answer';

/** The server that requests go to. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export type Done = (error: Error | undefined, answer?: Answer) => void;

/** A keep-alive connection of HTTP/1.1 for one request at a time. It must not be used again after an error. */
export interface Connection {
  readonly usable: boolean;
  send(request: HttpRequest, done: Done): void;
  close(): void;
}

/** @param from the local address of the connection, since web servers limit the requests of one address */
export function openConnection(target: Target, from: string | undefined): Connection {
  const { host, port, tls } = target;
  const local = from === undefined ? {} : { localAddress: from };
  const socket: Socket = tls
    ? connectOverTls({ socket: connectInClear({ host, port, ...local }), rejectUnauthorized: false })
    : connectInClear({ host, port, ...local });
  socket.setNoDelay(true);
  let usable = true;
  let current: { readonly read: ReturnType<typeof answerReader>; readonly done: Done } | undefined;

  const end = (error: Error | undefined, answer?: Answer) => {
    const { done } = current ?? {};
    current = undefined;
    done?.(error, answer);
  };
  const fail = (error: Error) => {
    usable = false;
    socket.destroy();
    end(error);
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('The connection was closed')));
  socket.on('data', (chunk: Buffer) => {
    if (!current) return fail(new Error('An answer came to no request'));
    try {
      const answer = current.read(chunk);
      if (!answer) return;
      if (/\r\nconnection: *close/i.test(answer.head)) usable = false;
      end(undefined, answer);
      if (!usable) socket.destroy();
    } catch (error) {
      fail(error as Error);
    }
  });

  return {
    get usable() {
      return usable;
    },
    send: (request, done) => {
      current = { read: answerReader(request.method), done };
      const head = headOf(target, request);
      if (typeof request.body === 'object') socket.write(Buffer.concat([Buffer.from(head), request.body]));
      else socket.write(head + (request.body ?? ''));
    },
    close: () => fail(new Error('The connection was closed by the generator')),
  };
}

function headOf({ host, port }: Target, { method, path, headers = {}, body }: HttpRequest): string {
  let head = `${method} ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n`;
  for (const [name, value] of Object.entries(headers)) head += `${name}: ${value}\r\n`;
  if (body !== undefined) head += `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return `${head}\r\n`;
}

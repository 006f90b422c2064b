import { connect } from 'node:net';
import { cleanup } from '../support/cleanup';

/** A TCP connection that sends the given bytes as they are. */
export interface RawSocket {
  write(bytes: string | Buffer): void;
  /** Ends the sending side only. */
  end(): void;
  destroy(): void;
  /** Resolves to the received text once an answer is whole by its Content-Length or the connection is closed. */
  answer(): Promise<string>;
  /** Resolves to the received text once the server closed the connection. */
  rest(): Promise<string>;
}

export function rawSocket(port: number): RawSocket {
  const socket = connect(port, '127.0.0.1');
  const destroy = cleanup(() => socket.destroy());
  let text = '';
  let isClosed = false;
  const waiting: (() => void)[] = [];
  const wake = () => {
    for (const look of waiting.splice(0)) look();
  };
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    wake();
  });
  // A server may refuse with a reset: waiting ends with `close` either way.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isClosed = true;
    wake();
  });
  const until = (isEnough: () => boolean) =>
    new Promise<string>((resolve) => {
      const look = () => (isEnough() || isClosed ? resolve(text) : waiting.push(look));
      look();
    });
  return {
    write: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    destroy: () => void destroy(),
    answer: () => until(() => isWhole(text)),
    rest: () => until(() => false),
  };
}

function isWhole(text: string): boolean {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  return body.length > 0 && body.join('\r\n\r\n').length >= Number(length ?? 0);
}

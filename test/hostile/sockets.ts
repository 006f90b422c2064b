import { connect } from 'node:net';

/** A connection that says what it is told to, byte by byte. */
export interface RawSocket {
  write(bytes: string | Buffer): void;
  /** Ends the sending side only. */
  end(): void;
  destroy(): void;
  /** What came, once an answer is whole by its Content-Length or the connection is closed. */
  answer(): Promise<string>;
  /** Everything that came until the server closed. */
  rest(): Promise<string>;
}

export function rawSocket(port: number): RawSocket {
  const socket = connect(port, '127.0.0.1');
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
  // A reset is one way for a server to say no; the end is what is waited for.
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
    destroy: () => void socket.destroy(),
    answer: () => until(() => isWhole(text)),
    rest: () => until(() => false),
  };
}

function isWhole(text: string): boolean {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  return body.length > 0 && body.join('\r\n\r\n').length >= Number(length ?? 0);
}

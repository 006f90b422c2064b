export interface Answer {
  readonly status: number;
  /** The status line and the header lines as they came. */
  readonly head: string;
  readonly body: Buffer;
}

export function headerOf({ head }: Answer, name: string): string | undefined {
  return new RegExp(`\r\n${name}: *([^\r]*)`, 'i').exec(head)?.[1];
}

export const jsonOf = <Body>({ body }: Answer): Body => JSON.parse(body.toString()) as Body;

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/** Reads one answer of HTTP/1.1 from chunks; undefined while it is incomplete. Answers are small: nothing streams. */
export function answerReader(method: string): (chunk: Buffer) => Answer | undefined {
  let received: Buffer = NOTHING;
  let head: string | undefined;
  let bodyFrom = 0;
  return (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    if (head === undefined) {
      const end = received.indexOf(END_OF_HEAD);
      if (end === -1) return undefined;
      head = received.toString('latin1', 0, end);
      bodyFrom = end + END_OF_HEAD.length;
    }
    const body = bodyOf(method, head, received.subarray(bodyFrom));
    return body && { status: statusOf(head), head, body };
  };
}

const statusOf = (head: string): number => Number(head.slice(9, 12));

function bodyOf(method: string, head: string, rest: Buffer): Buffer | undefined {
  const status = statusOf(head);
  if (method === 'HEAD' || status === 204 || status === 304) return NOTHING;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined)
    return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return unchunked(rest);
  throw new Error(`The answer has neither a Content-Length nor chunks: ${head}`);
}

function unchunked(rest: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (rest.length < end + 2) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(rest.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}

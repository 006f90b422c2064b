import { randomUUID } from 'node:crypto';
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '../runtime/log';
import { BAD_REQUEST, type ProblemKind, TOO_LARGE } from './problems';

/** Room for 16 KB of cookies, which nginx passes on, and for other headers. Node's default is 16 KB for all headers. */
export const MAX_HEADER_BYTES = 32 * 1024;

/** The time that a client has to read an answer before its connection is closed. */
const LINGER_MS = 1000;

/** Problems by the code of Node's error. */
const UNREADABLE: Readonly<Record<string, ProblemKind>> = {
  HPE_HEADER_OVERFLOW: {
    type: 'headers-too-large',
    title: 'Request headers too large, perhaps because of cookies',
    status: 431,
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: TOO_LARGE,
  ERR_HTTP_REQUEST_TIMEOUT: {
    type: 'request-timeout',
    title: 'Request timeout',
    status: 408,
  },
};

/** Answers requests that Node cannot parse with a problem instead of a bare status, and closes the connection. */
export function answerUnreadable(server: Server, log: Logger): void {
  const answers = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, outgoing) => answers.set(socket, outgoing));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const answer = answers.get(socket);
    const isInTheMiddle = answer?.headersSent && !answer.writableFinished;
    // Gone, in the middle of an answer, or answered already and still sending.
    if (!socket.writable || isInTheMiddle) {
      if (isInTheMiddle) socket.destroy(error);
      return;
    }
    const problem = UNREADABLE[error.code ?? ''] ?? BAD_REQUEST;
    const requestId = randomUUID();
    log.info({ requestId, status: problem.status, reason: error.code }, 'unreadable request');
    socket.end(written(problem, requestId));
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  });
}

function written(problem: ProblemKind, requestId: string): string {
  const body = JSON.stringify(problem);
  return [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

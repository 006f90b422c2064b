import type { ServerResponse } from 'node:http';
import { jitteredSeconds, TOO_MANY_REQUESTS } from '../../runtime/retry-later';
import { OVERLOADED } from '../problems';

const { type, title, status } = OVERLOADED;
/** Made once: while a process is overloaded, a refusal must cost far less than an answer. */
const BODY = JSON.stringify({ type, title, status, detail: TOO_MANY_REQUESTS });

/** Answers without reading the body of the request, which Node discards. */
export function refuse(outgoing: ServerResponse): void {
  outgoing.writeHead(status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(BODY),
    'Cache-Control': 'no-store',
    'Retry-After': jitteredSeconds(),
  });
  outgoing.end(BODY);
}

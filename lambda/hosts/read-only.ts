import { problem } from '../shared/http/problems';
import type { Fetch } from '../shared/http/serve';

const SAFE = new Set(['GET', 'HEAD']);

/** Refuses every method that changes data. Its database users have no write privileges either. */
export const readOnly =
  (fetch: Fetch): Fetch =>
  (request, bindings) =>
    SAFE.has(request.method) ? fetch(request, bindings) : refusal(request.method);

const refusal = (method: string): Response =>
  problem(
    { ...READ_ONLY, detail: `Only GET and HEAD are allowed here, not ${method}` },
    { Allow: 'GET, HEAD' },
  );

const READ_ONLY = { status: 405, type: 'read-only', title: 'This server is read-only' } as const;

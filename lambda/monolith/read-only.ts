import { problem } from '../shared/problems';
import type { Fetch } from '../shared/serve';

const SAFE = new Set(['GET', 'HEAD']);

/** A shop that only answers what changes nothing. Its database users could not either. */
export const readOnly =
  (fetch: Fetch): Fetch =>
  (request, bindings) =>
    SAFE.has(request.method) ? fetch(request, bindings) : refusal(request.method);

const refusal = (method: string): Response =>
  problem(
    {
      type: 'read-only',
      title: 'This server takes no changes',
      status: 405,
      detail: `It answers GET and HEAD, not ${method}`,
    },
    { Allow: 'GET, HEAD' },
  );

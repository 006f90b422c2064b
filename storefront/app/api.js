const TIMEOUT_MS = 15_000;
/** Attempts for an idempotent request, and the longest pause between them in ms. */
const ATTEMPTS = 3;
const MAX_PAUSE_MS = 4000;
/** The longest wait that the shop may ask for, in seconds. */
const MAX_WAIT_S = 30;

/** The shop responded with problem details (RFC 9457): `type` identifies the problem, `status` is the HTTP status. */
export class ProblemError extends Error {
  constructor(problem, requestId) {
    super(problem.detail ?? problem.title);
    Object.assign(this, {
      name: 'ProblemError',
      problem,
      type: problem.type,
      status: problem.status,
      requestId,
    });
  }
}

/** No response: the network or the shop is down. */
export class UnreachableError extends Error {
  name = 'UnreachableError';
}

/** The lead of the shop's clock over this browser's, in ms; countdowns follow the shop's clock. */
let clockOffset = 0;
export const shopNow = () => Date.now() + clockOffset;

/**
 * Sends one request and resolves to { data, etag }. `cache` is that of fetch: 'reload' passes the browser's own copy.
 * @throws ProblemError, UnreachableError, or AbortError when `signal` aborts
 */
export async function send(method, path, { body, headers, signal, cache = 'default' } = {}) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(path, {
    method,
    cache,
    headers: { Accept: 'application/json', ...(body && { 'Content-Type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new UnreachableError('The shop is not responding', { cause: error });
  });
  setClock(response.headers);
  if (!response.ok) throw await problemOf(response);
  const data = response.status === 204 ? undefined : await response.json();
  return { data, etag: response.headers.get('ETag') ?? undefined };
}

/** Cached responses carry an old Date. The header has whole seconds, so small differences are noise. */
function setClock(headers) {
  const ahead = Date.parse(headers.get('Date') ?? '') - Date.now();
  if (headers.get('Cache-Control')?.includes('no-store')) clockOffset = Math.abs(ahead) > 2000 ? ahead : 0;
}

/** The data at a path. */
export const get = async (path, signal, cache) =>
  (await repeating(() => send('GET', path, { signal, cache }), signal)).data;

/**
 * Retries with exponential backoff and jitter when there was no response, or a 502, 503 or 504. `waiting` receives the
 * error and the pause in ms before each retry.
 */
export async function repeating(attempt, signal, { attempts = ATTEMPTS, waiting } = {}) {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const passing = error instanceof UnreachableError || [502, 503, 504].includes(error.status);
      if (!passing || tries === attempts || signal?.aborted) throw error;
      const pause = pauseBefore(tries, error.problem?.retryAfter);
      waiting?.(error, pause);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** In ms, after so many tries: not before the seconds that the shop asked for, and spread out beyond them. */
export function pauseBefore(tries, retryAfter = 0, random = Math.random()) {
  return Math.min(MAX_WAIT_S, retryAfter) * 1000 + random * Math.min(MAX_PAUSE_MS, 300 * 4 ** tries);
}

async function problemOf(response) {
  const requestId = response.headers.get('X-Request-Id') ?? undefined;
  const unknown = { type: 'unexpected', title: 'Internal error', status: response.status };
  const told = await response.json().catch(() => unknown);
  const seconds = Number(response.headers.get('Retry-After'));
  return new ProblemError({ ...unknown, ...told, ...(seconds && { retryAfter: seconds }) }, requestId);
}

const TIMEOUT_MS = 15_000;
/** How often something that is safe to repeat is tried, and the longest pause between, in ms. */
const ATTEMPTS = 3;
const MAX_PAUSE_MS = 4000;

/** The shop answered with problem details (RFC 9457): `type` says which, `status` the HTTP status. */
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

/** No answer: the network, or the shop, is away. */
export class UnreachableError extends Error {
  name = 'UnreachableError';
}

/** How far the shop's clock is ahead of this browser's, in ms; countdowns go by the shop's. */
let clockOffset = 0;
export const shopNow = () => Date.now() + clockOffset;

/**
 * Sends one request and resolves to { data, etag }.
 * @throws ProblemError, UnreachableError, or AbortError when `signal` says so
 */
export async function send(method, path, { body, headers, signal } = {}) {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(path, {
    method,
    headers: { Accept: 'application/json', ...(body && { 'Content-Type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new UnreachableError('The shop does not answer', { cause: error });
  });
  setClock(response.headers);
  if (!response.ok) throw await problemOf(response);
  const data = response.status === 204 ? undefined : await response.json();
  return { data, etag: response.headers.get('ETag') ?? undefined };
}

/** Answers that may come out of a cache tell an old time; the header has whole seconds, so small differences are noise. */
function setClock(headers) {
  const ahead = Date.parse(headers.get('Date') ?? '') - Date.now();
  if (headers.get('Cache-Control')?.includes('no-store')) clockOffset = Math.abs(ahead) > 2000 ? ahead : 0;
}

/** The data at a path. */
export const get = async (path, signal) =>
  (await repeating(() => send('GET', path, { signal }), signal)).data;

/** Tries again, after a random and growing pause, when there was no answer or the shop said it is too busy. */
export async function repeating(attempt, signal) {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const passing = error instanceof UnreachableError || [502, 503, 504].includes(error.status);
      if (!passing || tries === ATTEMPTS || signal?.aborted) throw error;
      await new Promise((resolve) =>
        setTimeout(resolve, Math.random() * Math.min(MAX_PAUSE_MS, 300 * 4 ** tries)),
      );
    }
  }
}

async function problemOf(response) {
  const requestId = response.headers.get('X-Request-Id') ?? undefined;
  const unknown = { type: 'unexpected', title: 'Something went wrong on our side', status: response.status };
  const told = await response.json().catch(() => unknown);
  const seconds = Number(response.headers.get('Retry-After'));
  return new ProblemError({ ...unknown, ...told, ...(seconds && { retryAfter: seconds }) }, requestId);
}

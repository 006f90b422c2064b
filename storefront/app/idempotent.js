import { ProblemError, repeating, send } from './api.js';
import { recall, remember } from './storage.js';

/**
 * POSTs exactly once: the same body is sent with the same Idempotency-Key until the shop gives a final response,
 * across retries, reloads and restarts of the browser. `name` distinguishes requests that may run at the same time.
 */
export async function postOnce(name, path, body) {
  const text = JSON.stringify(body);
  const kept = recall(`once.${name}`);
  const key = kept?.text === text ? kept.key : randomKey();
  remember(`once.${name}`, { text, key });
  try {
    const answer = await repeating(() => send('POST', path, { body, headers: { 'Idempotency-Key': key } }));
    remember(`once.${name}`, undefined);
    return answer.data;
  } catch (error) {
    // A 4xx is final. After a lost response or a 5xx the outcome is unknown, so the next attempt keeps the key,
    // as does the one after logging in again.
    const final =
      error instanceof ProblemError && error.status < 500 && error.status !== 401 && error.status !== 429;
    if (final) remember(`once.${name}`, undefined);
    throw error;
  }
}

/** 128 random bits. `crypto.randomUUID` is missing on pages that another machine serves over plain HTTP. */
function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

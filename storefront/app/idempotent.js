import { ProblemError, repeating, send } from './api.js';
import { recall, remember } from './memory.js';

/**
 * POSTs something that must happen once, however often it is sent: the same body goes out under the same
 * Idempotency-Key until the shop has given an answer that counts, over retries, reloads and restarts of the browser.
 * `name` tells apart what may be under way at the same time.
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
    // A refusal is final. After no answer or a 5xx nobody knows: the next try must carry the same key.
    // So must the one after logging in again.
    const final =
      error instanceof ProblemError && error.status < 500 && error.status !== 401 && error.status !== 429;
    if (final) remember(`once.${name}`, undefined);
    throw error;
  }
}

/** 128 random bits; `crypto.randomUUID` is missing where a page came over plain http from another machine. */
function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

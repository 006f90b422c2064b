import { repeating, send, UnreachableError } from './api.js';
import { put } from './put.js';

/** What the shop takes: it decides from the bytes, and this only spares sending what it would refuse. */
export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'];
const MAX_PHOTO_BYTES = 10_000_000;

/**
 * Photos on their way to the shop, one after the other. They go on while another page of the shop is shown.
 * Each is { productId, file, step, share, problem, photoId }; `step` is
 * queued, preparing, sending (`share` of it went out), stopped (by `problem`; it can go on), unfit (for good), or sent.
 */
export const uploads = new EventTarget();

const all = [];
let turn = Promise.resolve();

export const uploadsOf = (productId) => all.filter((one) => one.productId === productId);

export function upload(productId, files) {
  for (const file of files) {
    const one = { productId, file, step: 'queued', share: 0, stop: new AbortController() };
    all.push(one);
    const unfit = unfitness(file);
    if (unfit) Object.assign(one, { step: 'unfit', problem: unfit });
    else goOn(one);
  }
  tell();
}

/** From where it stopped: what was prepared, asked for or sent is not done again. */
export function goOn(one) {
  become(one, { step: 'queued', problem: undefined });
  turn = turn.then(() => one.stop.signal.aborted || run(one));
}

/** Stops it and forgets it, here and in the shop. */
export function cancel(one) {
  one.stop.abort();
  discard(one);
  forget(one);
}

/** When the shop does not have it any more. */
export function forget(one) {
  if (all.includes(one)) all.splice(all.indexOf(one), 1);
  tell();
}

function unfitness({ type, size }) {
  if (!PHOTO_TYPES.includes(type)) return 'This is not a JPEG, PNG or WebP picture.';
  if (size === 0) return 'This file is empty.';
  if (size > MAX_PHOTO_BYTES) return `This has ${(size / 1e6).toFixed(1)} MB, and a photo has at most 10.`;
  return undefined;
}

async function run(one) {
  const { signal } = one.stop;
  const path = `/api/products/${encodeURIComponent(one.productId)}/photos`;
  try {
    become(one, { step: 'preparing' });
    one.sha256 ??= await checksum(one.file);
    if (!one.ticket) {
      const { type, size: bytes } = one.file;
      const body = { bytes, type, sha256: one.sha256 };
      const { data } = await repeating(() => send('POST', path, { body, signal }), signal);
      Object.assign(one, { photoId: data.id, ticket: data.upload });
    }
    become(one, { step: 'sending' });
    if (!one.arrived) {
      const sent = (share) => become(one, { share });
      await repeating(() => put(one.ticket, one.file, { signal, sent }), signal);
      one.arrived = true;
    }
    await repeating(() => send('POST', `${path}/${one.photoId}/complete`, { signal }), signal);
    become(one, { step: 'sent' });
  } catch (error) {
    if (signal.aborted) return;
    // A refusal is of this upload; going on then begins anew. After a lost connection it is still good.
    const refused = error.status >= 400 && error.status < 500 && ![401, 429].includes(error.status);
    if (refused) discard(one);
    become(one, { step: 'stopped', share: 0, problem: words(error) });
  }
}

/** In base64, as the store wants it. */
async function checksum(file) {
  if (!crypto.subtle) throw new Error('Photos can be sent over https only: open the shop with https.');
  const bytes = await file.arrayBuffer().catch((error) => {
    throw new Error('This file cannot be read any more. Remove it, and choose it again.', { cause: error });
  });
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))));
}

function words(error) {
  if (error instanceof UnreachableError) return 'The connection was lost.';
  return error.status === 401 ? 'Your session ended. Log in again, then go on here.' : error.message;
}

/** What is not deleted here goes by itself when its time to be uploaded is over. */
function discard(one) {
  if (!one.photoId) return;
  const path = `/api/products/${encodeURIComponent(one.productId)}/photos/${one.photoId}`;
  repeating(() => send('DELETE', path)).catch(() => undefined);
  Object.assign(one, { photoId: undefined, ticket: undefined, arrived: false });
}

function become(one, change) {
  Object.assign(one, change);
  tell();
}

const tell = () => uploads.dispatchEvent(new Event('change'));

/** Leaving the shop ends what is under way; its own pages do not. */
addEventListener('beforeunload', (event) => {
  if (all.some(({ step }) => ['queued', 'preparing', 'sending'].includes(step))) event.preventDefault();
});

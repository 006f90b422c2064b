import { repeating, send, UnreachableError } from './api.js';
import { pictureSize } from './picture-size.js';
import { put } from './upload-request.js';

/** The accepted types. The shop decides by the bytes; this check only avoids uploads that would be refused. */
export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'];
const MAX_PHOTO_BYTES = 10_000_000;
const MAX_PIXELS = 40_000_000;
const MAX_SIDE = 16_384;
/** For each step of an upload that the shop has no room for. */
const MOST_ASKS = 6;

/**
 * Photos that are being uploaded, one after the other. Uploads continue while another page of the shop is shown.
 * Each is { productId, file, step, share, problem, photoId }; `step` is
 * queued, preparing, busy (the shop has too many photos; it is asked again in `seconds`), sending (`share` of it was
 * sent), stopped (by `problem`; can be resumed), unfit (final), or sent.
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

/** Resumes an upload; steps that are complete are not repeated. */
export function goOn(one) {
  become(one, { step: 'queued', problem: undefined });
  turn = turn.then(() => one.stop.signal.aborted || run(one));
}

/** Aborts the upload and deletes it, here and in the shop. */
export function cancel(one) {
  one.stop.abort();
  discard(one);
  forget(one);
}

/** Removes an upload from the list; for photos that the shop no longer has. */
export function forget(one) {
  if (all.includes(one)) all.splice(all.indexOf(one), 1);
  tell();
}

function unfitness({ type, size }) {
  if (!PHOTO_TYPES.includes(type)) return 'This is not a JPEG, PNG or WebP picture.';
  if (size === 0) return 'This file is empty.';
  if (size > MAX_PHOTO_BYTES) return `This file has ${(size / 1e6).toFixed(1)} MB; the limit is 10 MB.`;
  return undefined;
}

function tooLarge({ width, height }) {
  const is = `This is ${width} × ${height} pixels, and a photo has at most`;
  if (Math.max(width, height) > MAX_SIDE) return `${is} ${MAX_SIDE} on a side.`;
  if (width * height > MAX_PIXELS) return `${is} ${MAX_PIXELS / 1e6} million.`;
  return undefined;
}

async function run(one) {
  const { signal } = one.stop;
  const path = `/api/products/${encodeURIComponent(one.productId)}/photos`;
  try {
    become(one, { step: 'preparing' });
    if (!one.sha256) {
      const bytes = await bytesOf(one.file);
      one.pixels = pictureSize(bytes);
      const problem = one.pixels && tooLarge(one.pixels);
      if (problem) return become(one, { step: 'unfit', problem });
      one.sha256 = await checksum(bytes);
    }
    if (!one.ticket) {
      const { type, size: bytes } = one.file;
      const body = { bytes, type, sha256: one.sha256, ...one.pixels };
      const { data } = await patiently(one, () => send('POST', path, { body, signal }));
      Object.assign(one, { photoId: data.id, ticket: data.upload });
    }
    become(one, { step: 'sending' });
    if (!one.arrived) {
      const sent = (share) => become(one, { share });
      await repeating(() => put(one.ticket, one.file, { signal, sent }), signal);
      one.arrived = true;
    }
    await patiently(one, () => send('POST', `${path}/${one.photoId}/complete`, { signal }));
    become(one, { step: 'sent' });
  } catch (error) {
    if (signal.aborted) return;
    // A refused upload must start again from the beginning. After a lost connection it can be resumed.
    const refused = error.status >= 400 && error.status < 500 && ![401, 429].includes(error.status);
    if (refused) discard(one);
    become(one, { step: 'stopped', share: 0, problem: words(error) });
  }
}

/** A shop that renders too many photos takes this one in some seconds, or in a minute. */
function patiently(one, attempt) {
  const { step } = one;
  const waiting = (error, ms) => {
    if (error.type === 'busy') become(one, { step: 'busy', seconds: Math.ceil(ms / 1000) });
  };
  return repeating(
    () => {
      if (one.step === 'busy') become(one, { step });
      return attempt();
    },
    one.stop.signal,
    { attempts: MOST_ASKS, waiting },
  );
}

async function bytesOf(file) {
  const buffer = await file.arrayBuffer().catch((error) => {
    throw new Error('This file cannot be read any more. Remove it, and choose it again.', { cause: error });
  });
  return new Uint8Array(buffer);
}

/** In base64, as the store wants it. */
async function checksum(bytes) {
  if (!crypto.subtle) throw new Error('Photos can be sent over https only: open the shop with https.');
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))));
}

function words(error) {
  if (error instanceof UnreachableError) return 'The connection was lost.';
  return error.status === 401 ? 'Your session has expired. Log in again, then continue here.' : error.message;
}

/** Best effort: the shop deletes incomplete uploads when they expire. */
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

/** Leaving the shop aborts uploads; moving between its pages does not. */
addEventListener('beforeunload', (event) => {
  if (all.some(({ step }) => ['queued', 'preparing', 'busy', 'sending'].includes(step)))
    event.preventDefault();
});

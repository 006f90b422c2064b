import { get, repeating, send } from '../app/api.js';
import { fill, h, icon } from '../app/dom.js';
import { plural } from '../app/format.js';
import { logInAgain } from '../app/navigation.js';
import { cancel, forget, goOn, upload, uploads, uploadsOf } from '../app/uploads.js';
import { photoChooser } from './photo-chooser.js';
import { photoTile, standing } from './photo-tile.js';

/** Pauses between looks at photos that are being made ready: from the first to the longest, in ms. */
const POLL_INTERVAL_MS = [400, 3000];

/** A product's photos and uploads, newest first. Updates itself until `signal` aborts. */
export function photos({ productId, first, signal }) {
  const path = `/api/products/${encodeURIComponent(productId)}/photos`;
  const tiles = new Map();
  const spoken = h('p', { class: 'unseen', role: 'status' });
  const notice = h('p', { class: 'notice', role: 'alert' });
  const list = h('ul', { class: 'photos' });
  const chooser = photoChooser((files) => {
    spoken.textContent = `${plural(files.length, 'photo')} chosen`;
    upload(productId, files);
  });
  let known = first;
  let looking = false;
  const rows = () => rowsOf(known, uploadsOf(productId));

  const draw = () => {
    const now = rows();
    for (const [key, { element }] of tiles) {
      if (now.some((row) => row.key === key)) continue;
      element.remove();
      tiles.delete(key);
    }
    const picture = now.find(({ photo }) => photo?.main);
    const ended = now.flatMap((row, at) => drawRow(row, at, row === picture));
    if (ended.length > 0) spoken.textContent = ended.join(' ');
    if (!looking && now.some(isBeingMade)) look();
  };

  /** Returns the announcement when the photo is ready or has failed. Progress is announced by its progress bar. */
  const drawRow = (row, at, isPicture) => {
    const tile =
      tiles.get(row.key) ??
      photoTile({ remove: () => remove(row.key), again: () => goOn(row.key), choose: () => choose(row.key) });
    tiles.set(row.key, tile);
    if (list.children[at] !== tile.element) list.insertBefore(tile.element, list.children[at] ?? null);
    const stands = standing(row);
    tile.show(row.name, isPicture ? { ...stands, text: 'Main photo', main: true } : stands);
    const before = tile.kind ?? (row.upload && 'busy');
    tile.kind = stands.kind;
    if (before !== 'busy' || stands.kind === 'busy') return [];
    return [stands.kind === 'ready' ? `${row.name} is ready.` : `${row.name}: ${stands.text}`];
  };

  const look = async () => {
    looking = true;
    for (
      let pause = POLL_INTERVAL_MS[0];
      rows().some(isBeingMade);
      pause = Math.min(pause * 1.5, POLL_INTERVAL_MS[1])
    ) {
      const sent = uploadsOf(productId).filter(({ step }) => step === 'sent');
      try {
        known = (await get(path, signal)).items;
        fill(notice);
        // Photos that were sent and are no longer listed were deleted by somebody else.
        for (const one of sent) if (!known.some(({ id }) => id === one.photoId)) forget(one);
      } catch (error) {
        if (signal.aborted) return;
        if (error.status === 401) return logInAgain();
        complain(`${error.message}. The photos shown here may be out of date.`);
      }
      draw();
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (signal.aborted) return;
    }
    looking = false;
  };

  const readAgain = async () => {
    known = (await send('GET', path, { signal, cache: 'reload' })).data.items;
    draw();
  };

  const choose = async (key) => {
    const { photo, name } = rows().find((row) => row.key === key);
    try {
      await repeating(() => send('POST', `${path}/${photo.id}/main`));
      await readAgain();
    } catch (error) {
      if (error.status === 401) return logInAgain();
      return complain(`${name} could not be made the main photo: ${error.message}.`);
    }
    fill(notice);
    spoken.textContent = `${name} is the main photo.`;
    tiles.get(key)?.element.querySelector('button').focus();
  };

  const remove = async (key) => {
    const { photo, upload: one, name } = rows().find((row) => row.key === key);
    const ended = !one || photo?.status === 'ready' || photo?.status === 'refused';
    try {
      if (ended) await repeating(() => send('DELETE', `${path}/${photo.id}`));
    } catch (error) {
      if (error.status === 401) return logInAgain();
      if (error.status !== 404) return complain(`${name} could not be deleted: ${error.message}.`);
    }
    const { element } = tiles.get(key) ?? {};
    const next = element?.nextElementSibling ?? element?.previousElementSibling;
    known = known.filter(({ id }) => id !== photo?.id);
    if (!ended) cancel(one);
    else if (one) forget(one);
    draw();
    // Another one is the main photo then.
    if (photo?.main) await readAgain().catch(() => undefined);
    spoken.textContent = `${name} deleted.`;
    (next?.querySelector('button') ?? chooser.input).focus();
  };

  const complain = (text) => fill(notice, icon('alert'), h('span', {}, text));

  uploads.addEventListener('change', draw, { signal });
  draw();
  return h('div', { class: 'photos-box' }, chooser.element, notice, list, spoken);
}

/** Newest first. An upload and the photo it became are one row, whose key stays. */
function rowsOf(known, coming) {
  const there = known.map((photo, at) => {
    const upload = coming.find(({ photoId }) => photoId === photo.id);
    return { key: upload ?? photo.id, photo, upload, name: upload?.file.name ?? `Photo ${at + 1}` };
  });
  const others = coming.filter((upload) => !there.some(({ key }) => key === upload));
  return [...there, ...others.map((upload) => ({ key: upload, upload, name: upload.file.name }))].reverse();
}

const isBeingMade = ({ photo, upload }) =>
  photo
    ? photo.status === 'processing' || (photo.status === 'waiting' && upload?.step === 'sent')
    : upload.step === 'sent';

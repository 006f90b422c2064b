import { get, repeating, send } from '../app/api.js';
import { fill, h, icon } from '../app/dom.js';
import { plural } from '../app/format.js';
import { logInAgain } from '../app/router.js';
import { cancel, forget, goOn, upload, uploads, uploadsOf } from '../app/uploads.js';
import { photoChooser } from './photo-chooser.js';
import { photoTile, standing } from './photo-tile.js';

/** Pauses between looks at photos that are being made ready: from the first to the longest, in ms. */
const LOOK_MS = [400, 3000];

/** A product's photos, newest first: those of the shop and those on their way to it. Until `signal` aborts they stay true. */
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
    const picture = now.find(({ photo }) => photo?.status === 'ready');
    const ended = now.flatMap((row, at) => drawRow(row, at, row === picture));
    if (ended.length > 0) spoken.textContent = ended.join(' ');
    if (!looking && now.some(isBeingMade)) look();
  };

  /** Returns what is to be said of it: how it ended. How far it is can be read from its progress bar. */
  const drawRow = (row, at, isPicture) => {
    const tile =
      tiles.get(row.key) ?? photoTile({ remove: () => remove(row.key), again: () => goOn(row.key) });
    tiles.set(row.key, tile);
    if (list.children[at] !== tile.element) list.insertBefore(tile.element, list.children[at] ?? null);
    const stands = standing(row);
    tile.show(row.name, isPicture ? { ...stands, text: 'The picture in the shop' } : stands);
    const before = tile.kind ?? (row.upload && 'busy');
    tile.kind = stands.kind;
    if (before !== 'busy' || stands.kind === 'busy') return [];
    return [stands.kind === 'ready' ? `${row.name} is ready.` : `${row.name}: ${stands.text}`];
  };

  const look = async () => {
    looking = true;
    for (let pause = LOOK_MS[0]; rows().some(isBeingMade); pause = Math.min(pause * 1.5, LOOK_MS[1])) {
      const sent = uploadsOf(productId).filter(({ step }) => step === 'sent');
      try {
        known = (await get(path, signal)).items;
        fill(notice);
        // What the shop took and does not have any more, somebody else deleted.
        for (const one of sent) if (!known.some(({ id }) => id === one.photoId)) forget(one);
      } catch (error) {
        if (signal.aborted) return;
        if (error.status === 401) return logInAgain();
        complain(`${error.message}. What is shown here may be old.`);
      }
      draw();
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (signal.aborted) return;
    }
    looking = false;
  };

  const remove = async (key) => {
    const { photo, upload: one, name } = rows().find((row) => row.key === key);
    const ended = !one || photo?.status === 'ready' || photo?.status === 'refused';
    try {
      if (ended) await repeating(() => send('DELETE', `${path}/${photo.id}`));
    } catch (error) {
      if (error.status === 401) return logInAgain();
      if (error.status !== 404) return complain(`${name} is not deleted: ${error.message}.`);
    }
    const { element } = tiles.get(key) ?? {};
    const next = element?.nextElementSibling ?? element?.previousElementSibling;
    known = known.filter(({ id }) => id !== photo?.id);
    if (!ended) cancel(one);
    else if (one) forget(one);
    draw();
    spoken.textContent = `${name} is gone.`;
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

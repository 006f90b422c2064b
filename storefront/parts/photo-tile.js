import { fill, h, icon } from '../app/dom.js';

/** The state of a photo, from the shop's record of it and its upload here, if there is one. */
export function standing({ photo, upload }) {
  if (photo?.status === 'ready') return { kind: 'ready', text: '', picture: photo.renditions };
  if (photo?.status === 'refused') return { kind: 'bad', text: photo.reason };
  if (photo?.status === 'processing') return { kind: 'busy', text: 'Processing' };
  switch (upload?.step) {
    case 'queued':
      return { kind: 'busy', text: 'Waiting', stop: true };
    case 'preparing':
      return { kind: 'busy', text: 'Preparing', stop: true };
    case 'busy':
      return {
        kind: 'busy',
        text: `Many photos are being processed. Trying again in ${upload.seconds} s`,
        stop: true,
      };
    case 'sending':
      return {
        kind: 'busy',
        text: `${Math.floor(upload.share * 100)}% uploaded`,
        share: upload.share,
        stop: true,
      };
    case 'sent':
      return { kind: 'busy', text: 'Processing' };
    case 'stopped':
      return { kind: 'bad', text: upload.problem, again: true };
    case 'unfit':
      return { kind: 'bad', text: upload.problem };
    default:
      return { kind: 'bad', text: 'The upload did not finish. Remove it and choose the file again.' };
  }
}

/** One photo. `show(name, standing)` updates it; unchanged buttons are not replaced, so they keep the focus. */
export function photoTile({ remove, again, choose }) {
  const frame = h('div', { class: 'photo-frame' });
  const name = h('p', { class: 'photo-name' });
  const words = h('p', { class: 'photo-words' });
  const bar = h('progress', { max: 1 });
  const actions = h('div', { class: 'photo-actions' });
  const element = h('li', { class: 'photo' }, frame, name, bar, words, actions);
  let drawn = {};
  const show = (title, { kind, text, share, picture, stop, main, again: canGoOn }) => {
    name.textContent = title;
    name.title = title;
    words.textContent = text;
    words.className = `photo-words ${kind}`;
    bar.classList.toggle('idle', share === undefined);
    bar.value = share ?? 0;
    bar.setAttribute('aria-label', `Upload of ${title}`);
    const source = picture?.[0]?.url ?? kind;
    if (source !== drawn.source)
      fill(frame, picture ? thumbnail(picture) : icon(kind === 'bad' ? 'alert' : 'photo', 30));
    const label = stop ? 'Cancel' : kind === 'bad' ? 'Remove' : 'Delete';
    const canBeMain = kind === 'ready' && !main;
    const buttons = [
      canGoOn && ['Try again', again],
      canBeMain && ['Make main', choose],
      [label, remove],
    ].filter(Boolean);
    const meaning = buttons.map(([word]) => `${word} ${title}`).join();
    if (meaning !== drawn.meaning) {
      const focused = actions.contains(document.activeElement);
      fill(
        actions,
        buttons.map(([word, onclick]) =>
          h(
            'button',
            { type: 'button', class: 'button small', 'aria-label': `${word} ${title}`, onclick },
            word,
          ),
        ),
      );
      if (focused) actions.querySelector('button').focus();
    }
    drawn = { source, meaning };
  };
  return { element, show };
}

function thumbnail(renditions) {
  const { url, width, height } = renditions.at(Math.min(1, renditions.length - 1));
  const srcset = renditions.map((one) => `${one.url} ${one.width}w`).join(', ');
  return h('img', { src: url, srcset, sizes: '12rem', width, height, alt: '', decoding: 'async' });
}

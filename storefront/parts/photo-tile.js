import { fill, h, icon } from '../app/dom.js';

/** How a photo stands, from what the shop says of it and from its upload here, if there is one. */
export function standing({ photo, upload }) {
  if (photo?.status === 'ready') return { kind: 'ready', text: '', picture: photo.renditions };
  if (photo?.status === 'refused') return { kind: 'bad', text: photo.reason };
  if (photo?.status === 'processing') return { kind: 'busy', text: 'Being made ready' };
  switch (upload?.step) {
    case 'queued':
      return { kind: 'busy', text: 'Waits for its turn', stop: true };
    case 'preparing':
      return { kind: 'busy', text: 'Getting ready to send', stop: true };
    case 'sending':
      return {
        kind: 'busy',
        text: `${Math.floor(upload.share * 100)}% sent`,
        share: upload.share,
        stop: true,
      };
    case 'sent':
      return { kind: 'busy', text: 'Being made ready' };
    case 'stopped':
      return { kind: 'bad', text: upload.problem, again: true };
    case 'unfit':
      return { kind: 'bad', text: upload.problem };
    default:
      return { kind: 'bad', text: 'Its upload did not finish. Remove it, and choose the file again.' };
  }
}

/** One photo. `show(name, standing)` keeps it true; buttons stay as long as they mean the same, and so does the focus. */
export function photoTile({ remove, again }) {
  const frame = h('div', { class: 'photo-frame' });
  const name = h('p', { class: 'photo-name' });
  const words = h('p', { class: 'photo-words' });
  const bar = h('progress', { max: 1 });
  const actions = h('div', { class: 'photo-actions' });
  const element = h('li', { class: 'photo' }, frame, name, bar, words, actions);
  let drawn = {};
  const show = (title, { kind, text, share, picture, stop, again: canGoOn }) => {
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
    const buttons = [canGoOn && ['Try again', again], [label, remove]].filter(Boolean);
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

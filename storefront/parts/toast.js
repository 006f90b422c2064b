import { h } from '../app/dom.js';

const SHOWN_MS = 6000;

/** Says briefly that something was done; read out by screen readers, never the only place of an error. */
export function toast(text, link) {
  const box = h(
    'div',
    { class: 'toast' },
    h('span', {}, text),
    link && h('a', { href: link.href }, link.label),
  );
  document.querySelector('#toasts').replaceChildren(box);
  setTimeout(() => box.remove(), SHOWN_MS);
}

import { h } from '../app/dom.js';

const SHOWN_MS = 6000;

/** A short confirmation, read out by screen readers. Errors are never shown here alone. */
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

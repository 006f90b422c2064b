import { h } from '../app/dom.js';

/** A short silent clip, and the same in words. */
export async function page() {
  return {
    title: 'How reserving works',
    content: h(
      'div',
      { class: 'page' },
      h(
        'div',
        { class: 'narrow wider' },
        h('h1', {}, 'How reserving works'),
        h('video', {
          class: 'clip',
          src: '/reserving.webm',
          width: 480,
          height: 270,
          controls: true,
          muted: true,
          playsinline: true,
          preload: 'metadata',
          'aria-label': 'A mug is reserved, its fifteen minutes run out, and it is free for others again',
        }),
        h(
          'ol',
          { class: 'steps' },
          h('li', {}, 'Put what you like into the cart, and reserve it.'),
          h('li', {}, 'It is yours for fifteen minutes: nobody else can take it.'),
          h('li', {}, 'Confirm to buy it, or let go. Then it is free for others again.'),
        ),
      ),
    ),
  };
}

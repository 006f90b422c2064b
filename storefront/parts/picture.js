import { h, icon } from '../app/dom.js';

/** A square picture with its size known before it loads; a product without one gets its initial. Decorative: the name stands beside it. */
export function picture({ picture: source, name }, { size = 400, eager = false } = {}) {
  if (!source) {
    return h(
      'span',
      { class: 'picture no-picture', 'aria-hidden': 'true' },
      h('b', {}, name.slice(0, 1).toUpperCase()),
      icon('box', 22),
    );
  }
  return h('img', {
    class: 'picture',
    src: source,
    alt: '',
    width: size,
    height: size,
    loading: eager ? 'eager' : 'lazy',
    decoding: 'async',
  });
}

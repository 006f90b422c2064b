import { h, icon } from '../app/dom.js';

/** A square picture of a known size; a product without one shows its initial. Decorative: the name is beside it. */
export function picture({ picture: source, name }, { size = 400, sizes = `${size}px`, eager = false } = {}) {
  if (!source) {
    return h(
      'span',
      { class: 'picture no-picture', 'aria-hidden': 'true' },
      h('b', {}, name.slice(0, 1).toUpperCase()),
      icon('box', 22),
    );
  }
  const srcset = smaller(source);
  return h('img', {
    class: 'picture',
    // Before src: a lazy image must not start loading when it gets its URL.
    loading: eager ? 'eager' : 'lazy',
    decoding: 'async',
    alt: '',
    width: size,
    height: size,
    sizes: srcset && sizes,
    srcset,
    src: source,
  });
}

/** Widths in pixels in which smaller versions of a photo exist (lambda/inventory/photos/limits.ts). */
const SMALLER = [160, 320];

/** The srcset of a photo at a path like /media/photos/<id>/640.webp; undefined for drawings, which have one size. */
function smaller(source) {
  const [, folder, width] = /^(\/media\/photos\/[\w-]+)\/(\d+)\.webp$/.exec(source) ?? [];
  if (!folder) return undefined;
  const widths = [...SMALLER.filter((one) => one < Number(width)), width];
  return widths.map((one) => `${folder}/${one}.webp ${one}w`).join(', ');
}

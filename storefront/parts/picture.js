import { h, icon } from '../app/dom.js';

/** A square picture with its size known before it loads; a product without one gets its initial. Decorative: the name stands beside it. */
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
    // In this order: an image that is to wait must know so before it gets an address.
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

/** Widths of a photo that there are below that of the product's picture, in pixels (lambda/thumbnails/limits.ts). */
const SMALLER = [160, 320];

/** The photo at a path like /media/photos/<id>/640.webp in its smaller sizes, too. A drawing has one size for all. */
function smaller(source) {
  const [, folder, width] = /^(\/media\/photos\/[\w-]+)\/(\d+)\.webp$/.exec(source) ?? [];
  if (!folder) return undefined;
  const widths = [...SMALLER.filter((one) => one < Number(width)), width];
  return widths.map((one) => `${folder}/${one}.webp ${one}w`).join(', ');
}

import { h } from '../app/dom.js';
import { picture } from './picture.js';

const SIZES = '(max-width: 46rem) 92vw, 38rem';

/** The picture of a product, and below it the photos to choose from, if there are several. */
export function gallery(product) {
  const frame = h(
    'div',
    { class: 'frame large' },
    picture(product, { size: 800, sizes: SIZES, eager: true }),
  );
  const photos = product.photos ?? [];
  if (photos.length < 2) return frame;
  const show = (chosen) => {
    frame.replaceChildren(large(photos[chosen], product.name));
    buttons.forEach((button, at) => {
      button.setAttribute('aria-pressed', String(at === chosen));
    });
  };
  const buttons = photos.map(({ renditions }, at) =>
    h(
      'button',
      {
        type: 'button',
        class: 'thumb',
        'aria-label': `Photo ${at + 1} of ${photos.length}`,
        'aria-pressed': String(at === 0),
        onclick: () => show(at),
      },
      h('img', {
        src: renditions[0].url,
        alt: '',
        width: 72,
        height: 72,
        loading: 'lazy',
        decoding: 'async',
      }),
    ),
  );
  return h(
    'div',
    { class: 'gallery' },
    frame,
    h('div', { class: 'thumbs', role: 'group', 'aria-label': 'Photos' }, buttons),
  );
}

/** One that was chosen has the largest file there is, since people look at it closely. */
function large({ renditions }, name) {
  const { url } = renditions.at(-1);
  const srcset = renditions.map((one) => `${one.url} ${one.width}w`).join(', ');
  return h('img', { class: 'picture', alt: name, width: 800, height: 800, sizes: SIZES, srcset, src: url });
}

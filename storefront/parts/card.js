import { h } from '../app/dom.js';
import { money } from '../app/format.js';
import { productUrl } from '../app/links.js';
import { picture } from './picture.js';

/** Up to this many, the card shows the number left. */
const FEW = 5;

/** A copy of before a release may not say yet whether the product is on sale, and was ever in stock. */
export function availability({ available, onSale = true, everInStock = true }) {
  if (!onSale) return { text: 'Not on sale', kind: 'none' };
  if (available <= 0) return { text: everInStock ? 'Sold out' : 'Not in stock yet', kind: 'none' };
  if (available <= FEW) return { text: `Only ${available} left`, kind: 'few' };
  return { text: 'In stock', kind: 'plenty' };
}

/** A product in a grid; the whole card is one link. */
export function card(product, { eager = false } = {}) {
  const { text, kind } = availability(product);
  return h(
    'li',
    { class: `card ${kind}` },
    h(
      'a',
      { href: productUrl(product.id) },
      h(
        'div',
        { class: 'frame' },
        picture(product, { eager, sizes: '(max-width: 46rem) 46vw, 18rem' }),
        kind !== 'plenty' && h('span', { class: `tag ${kind}` }, text),
      ),
      h('h3', {}, product.name),
      h('p', { class: 'price' }, money(product.price)),
    ),
  );
}

import { h } from '../app/dom.js';
import { money } from '../app/format.js';
import { stockUrl } from '../app/links.js';
import { picture } from './picture.js';

/** A product in a list for staff, which leads to its stock; `more` comes after its price. */
export function productLine(product, ...more) {
  const { id, name, category, price } = product;
  return h(
    'li',
    { class: 'line' },
    picture(product, { size: 56 }),
    h('div', { class: 'what' }, h('a', { href: stockUrl(id) }, name), h('span', { class: 'fine' }, category)),
    h('span', { class: 'sum' }, money(price)),
    ...more,
  );
}

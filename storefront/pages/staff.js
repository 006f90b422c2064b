import { get } from '../app/api.js';
import { h, icon } from '../app/dom.js';
import { money } from '../app/format.js';
import { pageUrl, stockUrl } from '../app/links.js';
import { growing } from '../parts/more.js';
import { picture } from '../parts/picture.js';
import { state } from '../parts/states.js';

const PAGE_SIZE = 50;

/** Everything on the shelves, for those who fill them. */
export async function page({ signal }) {
  const query = (after) =>
    `/api/products?${new URLSearchParams({ limit: PAGE_SIZE, ...(after && { after }) })}`;
  const first = await get(query(), signal);
  const list = growing({
    list: h('ul', { class: 'lines stocklist' }),
    first,
    fetchPage: (after) => get(query(after), signal),
    draw: row,
  });
  const add = h('a', { class: 'button main', href: pageUrl('new-product') }, icon('plus'), 'Add a product');
  return {
    title: 'Stock',
    content: h(
      'div',
      { class: 'page' },
      h('div', { class: 'heading' }, h('h1', {}, 'Stock'), add),
      first.items.length > 0
        ? list
        : state({ heading: 'No products yet', text: 'Add the first one, then receive some stock of it.' }),
    ),
  };
}

function row(product) {
  const { id, name, category, price, available } = product;
  return h(
    'li',
    { class: 'line' },
    picture(product, { size: 56 }),
    h('div', { class: 'what' }, h('a', { href: stockUrl(id) }, name), h('span', { class: 'fine' }, category)),
    h('span', { class: 'sum' }, money(price)),
    h('span', { class: `left ${available > 0 ? '' : 'none'}` }, `${available} free`),
  );
}

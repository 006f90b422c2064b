import { get } from '../app/api.js';
import { h, icon } from '../app/dom.js';
import { pageUrl } from '../app/links.js';
import { growing } from '../parts/load-more.js';
import { state } from '../parts/placeholders.js';
import { productLine } from '../parts/product-line.js';

const PAGE_SIZE = 50;

/** All products with their stock, for staff. */
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
  const orders = h('a', { class: 'button', href: pageUrl('orders') }, icon('clock'), 'Orders');
  const offSale = h('a', { class: 'button', href: pageUrl('off-sale') }, 'Off sale');
  const link = h('a', { class: 'button', href: pageUrl('password-link') }, 'Password link');
  const add = h('a', { class: 'button main', href: pageUrl('new-product') }, icon('plus'), 'Add product');
  return {
    title: 'Stock',
    content: h(
      'div',
      { class: 'page' },
      h(
        'div',
        { class: 'heading' },
        h('h1', {}, 'Stock'),
        h('div', { class: 'actions' }, offSale, orders, link, add),
      ),
      first.items.length > 0
        ? list
        : state({ heading: 'No products yet', text: 'Add the first one, then receive some stock.' }),
    ),
  };
}

const row = (product) =>
  productLine(
    product,
    h('span', { class: `left ${product.available > 0 ? '' : 'none'}` }, `${product.available} left`),
  );

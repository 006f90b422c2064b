import { get } from '../app/api.js';
import { h } from '../app/dom.js';
import { pageUrl } from '../app/links.js';
import { growing } from '../parts/load-more.js';
import { state } from '../parts/placeholders.js';
import { productLine } from '../parts/product-line.js';

/** The products that were taken off sale, for staff: each leads to the page that puts it back. */
export async function page({ signal }) {
  const first = await get('/api/off-sale', signal, 'reload');
  const list = growing({
    list: h('ul', { class: 'lines stocklist' }),
    first,
    fetchPage: (after) => get(`/api/off-sale?${new URLSearchParams({ after })}`, signal),
    draw: (product) => productLine(product),
  });
  return {
    title: 'Off sale',
    content: h(
      'div',
      { class: 'page' },
      h('nav', { class: 'crumbs', 'aria-label': 'Breadcrumb' }, h('a', { href: pageUrl('staff') }, 'Stock')),
      h('h1', {}, 'Off sale'),
      first.items.length > 0
        ? list
        : state({
            heading: 'Everything is on sale',
            text: 'Products that you take off sale are listed here.',
          }),
    ),
  };
}

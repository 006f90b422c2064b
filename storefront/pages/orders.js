import { get } from '../app/api.js';
import { h } from '../app/dom.js';
import { pageUrl } from '../app/links.js';
import { growing } from '../parts/load-more.js';
import { state } from '../parts/placeholders.js';
import { orderCard } from '../parts/reservation.js';

/** The reservations and purchases of all customers, newest first, for staff. */
export async function page({ signal }) {
  const first = await get('/api/orders', signal);
  const list = growing({
    list: h('div', { class: 'reservations' }),
    first,
    fetchPage: (after) => get(`/api/orders?${new URLSearchParams({ after })}`, signal),
    draw: orderCard,
  });
  return {
    title: 'Orders',
    content: h(
      'div',
      { class: 'page' },
      h('nav', { class: 'crumbs', 'aria-label': 'Breadcrumb' }, h('a', { href: pageUrl('staff') }, 'Stock')),
      h('h1', {}, 'Orders'),
      first.items.length > 0
        ? list
        : state({
            image: 'clock',
            heading: 'No orders yet',
            text: 'Reservations of customers are listed here.',
          }),
    ),
  };
}

import { get } from '../app/api.js';
import { h } from '../app/dom.js';
import { growing } from '../parts/load-more.js';
import { state } from '../parts/placeholders.js';
import { reservationCard } from '../parts/reservation.js';

export async function page({ signal }) {
  const first = await get('/api/reservations', signal);
  const list = growing({
    list: h('div', { class: 'reservations' }),
    first,
    fetchPage: (after) => get(`/api/reservations?${new URLSearchParams({ after })}`, signal),
    draw: (reservation) => reservationCard(reservation, { signal }),
  });
  const browse = h('a', { class: 'button main', href: '/' }, 'Browse products');
  const none = state({
    image: 'clock',
    heading: 'No reservations yet',
    text: 'Reservations are held for 15 minutes and listed here.',
    actions: [browse],
  });
  return {
    title: 'Reservations',
    content: h(
      'div',
      { class: 'page' },
      h('h1', {}, 'Your reservations'),
      first.items.length > 0 ? list : none,
    ),
  };
}

import { get } from '../app/api.js';
import { h } from '../app/dom.js';
import { pageUrl } from '../app/links.js';
import { reservationCard } from '../parts/reservation.js';

const HEADING = {
  held: 'Reserved for you',
  confirmed: 'Reservation confirmed',
  released: 'Reservation cancelled',
  expired: 'Reservation expired',
};

export async function page({ parameters, signal }) {
  const reservation = await get(
    `/api/reservations/${encodeURIComponent(parameters.get('id') ?? '')}`,
    signal,
  );
  return {
    title: HEADING[reservation.status],
    content: h(
      'div',
      { class: 'page' },
      h(
        'div',
        { class: 'narrow wider' },
        h('h1', {}, HEADING[reservation.status]),
        reservationCard(reservation, { signal }),
        h('p', { class: 'aside' }, h('a', { href: pageUrl('reservations') }, 'All reservations')),
      ),
    ),
  };
}

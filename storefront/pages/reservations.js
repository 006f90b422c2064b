import { get } from '../app/api.js';
import { h } from '../app/dom.js';
import { growing } from '../parts/more.js';
import { reservationCard } from '../parts/reservation.js';
import { state } from '../parts/states.js';

export async function page({ signal }) {
  const first = await get('/api/reservations', signal);
  const list = growing({
    list: h('div', { class: 'reservations' }),
    first,
    fetchPage: (after) => get(`/api/reservations?${new URLSearchParams({ after })}`, signal),
    draw: (reservation) => reservationCard(reservation, { signal }),
  });
  const browse = h('a', { class: 'button main', href: '/' }, 'Look around');
  const none = state({
    image: 'clock',
    heading: 'Nothing reserved yet',
    text: 'What you reserve is held for fifteen minutes and shows up here.',
    actions: [browse],
  });
  return {
    title: 'Reserved',
    content: h(
      'div',
      { class: 'page' },
      h('h1', {}, 'What you reserved'),
      first.items.length > 0 ? list : none,
    ),
  };
}

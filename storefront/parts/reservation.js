import { send } from '../app/api.js';
import { h, icon } from '../app/dom.js';
import { money, plural, when } from '../app/format.js';
import { productUrl, reservationUrl } from '../app/links.js';
import { go } from '../app/router.js';
import { countdown } from './countdown.js';
import { actionButton } from './form.js';
import { toast } from './toast.js';

const STATUS = {
  held: ['Held for you', 'clock'],
  confirmed: ['Yours', 'check'],
  released: ['Given back', 'arrow'],
  expired: ['Time ran out', 'alert'],
};

const again = () => go(location.pathname + location.search, { replace: true });

/** A reservation with what can be done about it. */
export function reservationCard(reservation, { signal, level = 'h2' }) {
  const { id, status, items, total, createdAt } = reservation;
  const [words, image] = STATUS[status];
  const pieces = items.reduce((sum, { quantity }) => sum + quantity, 0);
  return h(
    'article',
    { class: `reservation ${status}` },
    h(
      'header',
      {},
      h(level, {}, h('a', { href: reservationUrl(id) }, `${plural(pieces, 'piece')} for ${money(total)}`)),
      h('span', { class: `status ${status}` }, icon(image, 16), words),
    ),
    status === 'held' && countdown({ ...reservation, signal, over: again }),
    h(
      'ul',
      { class: 'receipt' },
      items.map(({ productId, name, quantity, price }) =>
        h(
          'li',
          {},
          h('span', { class: 'times' }, `${quantity} ×`),
          h('a', { href: productUrl(productId) }, name),
          h('span', { class: 'sum' }, money({ ...price, amount: price.amount * quantity })),
        ),
      ),
      h('li', { class: 'total' }, h('span', {}, 'Total'), h('span', { class: 'sum' }, money(total))),
    ),
    status === 'held' && h('div', { class: 'actions' }, settle(id, 'confirm'), settle(id, 'release')),
    h('p', { class: 'fine' }, `Reserved ${when(createdAt)}`),
  );
}

function settle(id, action) {
  const [label, kind, done] = {
    confirm: ['Confirm, I take it', 'main', 'Confirmed: it is yours.'],
    release: ['Give it back', '', 'Given back. Thank you for not keeping it.'],
  }[action];
  return actionButton({
    label,
    kind,
    run: async () => {
      try {
        await send('POST', `/api/reservations/${encodeURIComponent(id)}/${action}`);
        toast(done);
      } catch (error) {
        if (error.type !== 'not-held') throw error;
        toast('Too late: it is not held any more.');
      }
      await again();
    },
  });
}

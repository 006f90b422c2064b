import { send } from '../app/api.js';
import { h, icon } from '../app/dom.js';
import { money, plural, when } from '../app/format.js';
import { productUrl, reservationUrl, stockUrl } from '../app/links.js';
import { go } from '../app/navigation.js';
import { countdown } from './countdown.js';
import { actionButton } from './form.js';
import { toast } from './toast.js';

const STATUS = {
  held: ['Held', 'clock'],
  confirmed: ['Confirmed', 'check'],
  released: ['Cancelled', 'arrow'],
  expired: ['Expired', 'alert'],
};

const again = () => go(location.pathname + location.search, { replace: true });

/** A reservation of one's own, with its actions. */
export function reservationCard(reservation, { signal, level = 'h2' }) {
  const { id, status, createdAt } = reservation;
  return h(
    'article',
    { class: `reservation ${status}` },
    h(
      'header',
      {},
      h(level, {}, h('a', { href: reservationUrl(id) }, sumOf(reservation))),
      statusTag(status),
    ),
    status === 'held' && countdown({ ...reservation, signal, over: again }),
    receipt(reservation, productUrl),
    status === 'held' && h('div', { class: 'actions' }, settle(id, 'confirm'), settle(id, 'release')),
    h('p', { class: 'fine' }, `Reserved ${when(createdAt)}`),
  );
}

/** A reservation of somebody, for staff. */
export function orderCard(order) {
  const { id, status, buyer, createdAt } = order;
  return h(
    'article',
    { class: `reservation ${status}` },
    h('header', {}, h('h2', {}, sumOf(order)), statusTag(status)),
    receipt(order, stockUrl),
    h('p', { class: 'fine' }, `${nameOf(buyer)}, ${when(createdAt)}`),
    h('p', { class: 'fine' }, `Number ${id}`),
  );
}

/** Null for an account that was deleted; without a name while nobody answers for names. */
const nameOf = (buyer) => (buyer ? (buyer.name ?? 'Name not known at the moment') : 'Deleted account');

function sumOf({ items, total }) {
  const pieces = items.reduce((sum, { quantity }) => sum + quantity, 0);
  return `${plural(pieces, 'item')} for ${money(total)}`;
}

function statusTag(status) {
  const [words, image] = STATUS[status];
  return h('span', { class: `status ${status}` }, icon(image, 16), words);
}

function receipt({ items, total }, urlOf) {
  return h(
    'ul',
    { class: 'receipt' },
    items.map(({ productId, name, quantity, price }) =>
      h(
        'li',
        {},
        h('span', { class: 'times' }, `${quantity} ×`),
        h('a', { href: urlOf(productId) }, name),
        h('span', { class: 'sum' }, money({ ...price, amount: price.amount * quantity })),
      ),
    ),
    h('li', { class: 'total' }, h('span', {}, 'Total'), h('span', { class: 'sum' }, money(total))),
  );
}

function settle(id, action) {
  const [label, kind, done] = {
    confirm: ['Confirm', 'main', 'Reservation confirmed.'],
    release: ['Cancel', '', 'Reservation cancelled.'],
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
        toast('This reservation is no longer held.');
      }
      await again();
    },
  });
}

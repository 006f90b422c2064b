import { get } from '../app/api.js';
import { empty, lines, MAX_PIECES, MAX_QUANTITY, setQuantity } from '../app/cart.js';
import { fill, h, icon } from '../app/dom.js';
import { money, plural } from '../app/format.js';
import { postOnce } from '../app/idempotent.js';
import { loginUrl, pageUrl, productUrl, reservationUrl } from '../app/links.js';
import { go } from '../app/navigation.js';
import { user } from '../app/session.js';
import { actionButton } from '../parts/form.js';
import { picture } from '../parts/picture.js';
import { state } from '../parts/placeholders.js';
import { quantity } from '../parts/quantity.js';

/** The cart at current prices and stock: both come from the shop, since the cart stores only ids and quantities. */
export async function page({ signal }) {
  const known = await Promise.all(lines().map(({ id }) => productOrGone(id, signal)));
  const products = new Map(known.filter(Boolean).map((product) => [product.id, product]));
  const gone = lines().filter(({ id }) => !products.has(id));
  for (const { id } of gone) setQuantity(id, 0);
  const content = h('div', { class: 'page' });
  draw(content, products, gone.length);
  return { title: 'Cart', content };
}

/** `refused` is why the shop did not reserve: { notice, lines: [{ productId, left, reason }] }. */
function draw(content, products, gone = 0, refused = { lines: [] }) {
  const rows = lines().filter(({ id }) => products.has(id));
  const title = h('h1', {}, 'Your cart');
  const words =
    gone > 0 ? [`${plural(gone, 'product')} left the shop and your cart.`] : (refused.notice ?? []);
  const note =
    words.length > 0 && h('p', { class: 'notice', role: 'alert' }, icon('alert'), h('span', {}, words));
  if (rows.length === 0) {
    const browse = h('a', { class: 'button main', href: '/' }, 'Browse products');
    fill(
      content,
      title,
      note,
      state({
        image: 'cart',
        heading: 'Your cart is empty',
        text: 'Products that you add to the cart are kept on this device.',
        actions: [browse],
      }),
    );
    return;
  }
  const total = h('b', { class: 'sum' });
  const showTotal = () => {
    const amount = lines().reduce(
      (sum, { id, quantity: pieces }) => sum + products.get(id).price.amount * pieces,
      0,
    );
    total.textContent = money({ amount, currency: products.get(rows[0].id).price.currency });
  };
  showTotal();
  const again = (found) => {
    draw(content, products, 0, found);
    (content.querySelector('.line .notice button') ?? content.querySelector('h1')).focus();
  };
  fill(
    content,
    title,
    note,
    h(
      'div',
      { class: 'cart' },
      h(
        'ul',
        { class: 'lines' },
        rows.map((row) => line(products.get(row.id), row, refused.lines, showTotal, again)),
      ),
      h(
        'section',
        { class: 'summary', 'aria-labelledby': 'summary' },
        h('h2', { id: 'summary' }, 'Reserve'),
        h('p', { class: 'total' }, h('span', {}, 'Total'), total),
        reserveButton(again),
        h(
          'p',
          { class: 'fine' },
          'Everything is held for 15 minutes. Confirm within that time, or the reservation expires.',
        ),
        h(
          'p',
          { class: 'fine' },
          `You can hold ${MAX_QUANTITY} of a product and ${MAX_PIECES} pieces altogether at a time.`,
        ),
      ),
    ),
  );
  title.setAttribute('tabindex', '-1');
}

function line(product, { quantity: pieces }, refused, changed, redraw) {
  const { id, name, price, onSale } = product;
  const available = onSale === false ? 0 : product.available;
  const refusal = refused.find(({ productId }) => productId === id);
  const left = refusal?.left ?? available;
  const set = (value) => {
    setQuantity(id, value);
    redraw({ lines: refused.filter(({ productId }) => productId !== id) });
  };
  const sum = h('span', { class: 'sum' }, money({ ...price, amount: price.amount * pieces }));
  const remove = h(
    'button',
    { type: 'button', class: 'button quiet', 'aria-label': `Remove ${name}`, onclick: () => set(0) },
    icon('bin'),
  );
  const many = quantity({
    name,
    value: pieces,
    most: Math.max(available, pieces),
    changed: (value) => {
      setQuantity(id, value);
      sum.textContent = money({ ...price, amount: price.amount * value });
      changed();
    },
  });
  const fix = h(
    'button',
    { type: 'button', class: 'link', onclick: () => set(left) },
    left > 0 ? `Change to ${left}` : 'Remove',
  );
  return h(
    'li',
    { class: 'line' },
    picture(product, { size: 96 }),
    h(
      'div',
      { class: 'what' },
      h('a', { href: productUrl(id) }, name),
      h('span', { class: 'fine' }, `${money(price)} each`),
    ),
    many.box,
    sum,
    remove,
    (refusal || left < pieces) &&
      h(
        'p',
        { class: 'notice' },
        icon('alert'),
        h('span', {}, refusal?.reason ?? (onSale === false ? OFF_SALE : shortOf(left)), ' ', fix),
      ),
  );
}

const OFF_SALE = 'No longer on sale.';
const shortOf = (left) => (left > 0 ? `Only ${left} left.` : 'Sold out.');

/** The lines to draw for a refusal whose cause can be removed in the cart; undefined for other refusals. */
function refusalOf({ type, problem }) {
  if (type === 'out-of-stock') {
    const short = ({ productId, available }) => ({
      productId,
      left: available,
      reason: shortOf(available),
    });
    return { lines: (problem.shortages ?? []).map(short) };
  }
  if (type === 'not-on-sale')
    return { lines: problem.productIds.map((productId) => ({ productId, left: 0, reason: OFF_SALE })) };
  if (type !== 'hold-limit') return undefined;
  const { limits, asked, held, excesses } = problem;
  const excess = (one) => ({
    productId: one.productId,
    left: Math.max(0, limits.ofProduct - one.held),
    reason: `You hold ${one.held} already, and can hold ${limits.ofProduct} at a time.`,
  });
  const see = h('a', { href: pageUrl('reservations') }, 'See what you hold');
  const sum = `You can hold ${limits.altogether} pieces at a time: you hold ${held}, and this cart has ${asked}. `;
  return {
    notice: asked + held > limits.altogether ? [sum, see] : undefined,
    lines: excesses.map(excess),
  };
}

function reserveButton(redraw) {
  if (!user())
    return h('a', { class: 'button main wide', href: loginUrl(pageUrl('cart')) }, 'Log in to reserve');
  return actionButton({
    label: 'Reserve for 15 minutes',
    kind: 'main wide',
    run: async () => {
      const items = lines().map(({ id, quantity: pieces }) => ({ productId: id, quantity: pieces }));
      try {
        const reservation = await postOnce('reservation', '/api/reservations', { items });
        empty();
        await go(reservationUrl(reservation.id));
      } catch (error) {
        const refused = refusalOf(error);
        if (!refused) throw error;
        redraw(refused);
      }
    },
  });
}

/** Undefined when the product no longer exists. */
async function productOrGone(id, signal) {
  try {
    return await get(`/api/products/${encodeURIComponent(id)}`, signal);
  } catch (error) {
    if (error.status === 404) return undefined;
    throw error;
  }
}

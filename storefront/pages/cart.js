import { get } from '../app/api.js';
import { empty, lines, setQuantity } from '../app/cart.js';
import { fill, h, icon } from '../app/dom.js';
import { money, plural } from '../app/format.js';
import { postOnce } from '../app/idempotent.js';
import { loginUrl, pageUrl, productUrl, reservationUrl } from '../app/links.js';
import { go } from '../app/router.js';
import { user } from '../app/session.js';
import { actionButton } from '../parts/form.js';
import { picture } from '../parts/picture.js';
import { quantity } from '../parts/quantity.js';
import { state } from '../parts/states.js';

/** What is in the cart, at today's prices and stock: those come from the shop, the cart holds only ids and quantities. */
export async function page({ signal }) {
  const known = await Promise.all(lines().map(({ id }) => productOrGone(id, signal)));
  const products = new Map(known.filter(Boolean).map((product) => [product.id, product]));
  const gone = lines().filter(({ id }) => !products.has(id));
  for (const { id } of gone) setQuantity(id, 0);
  const content = h('div', { class: 'page' });
  draw(content, products, gone.length);
  return { title: 'Cart', content };
}

function draw(content, products, gone = 0, shortages = []) {
  const rows = lines().filter(({ id }) => products.has(id));
  const title = h('h1', {}, 'Your cart');
  const note =
    gone > 0 &&
    h(
      'p',
      { class: 'notice' },
      icon('alert'),
      h('span', {}, `${plural(gone, 'product')} left the shop and your cart.`),
    );
  if (rows.length === 0) {
    const browse = h('a', { class: 'button main', href: '/' }, 'Look around');
    fill(
      content,
      title,
      note,
      state({
        image: 'cart',
        heading: 'Nothing in it yet',
        text: 'What you add to the cart waits here, on this device.',
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
        rows.map((row) => line(products.get(row.id), row, shortages, showTotal, again)),
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
          'We hold everything for fifteen minutes. Confirm within that time, or it goes back to the shelf by itself.',
        ),
      ),
    ),
  );
  title.setAttribute('tabindex', '-1');
}

function line(product, { quantity: pieces }, shortages, changed, redraw) {
  const { id, name, price, available } = product;
  const short = shortages.find(({ productId }) => productId === id);
  const left = short?.available ?? available;
  const set = (value) => {
    setQuantity(id, value);
    redraw(shortages.filter(({ productId }) => productId !== id));
  };
  const sum = h('span', { class: 'sum' }, money({ ...price, amount: price.amount * pieces }));
  const remove = h(
    'button',
    { type: 'button', class: 'button quiet', 'aria-label': `Take ${name} out`, onclick: () => set(0) },
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
    left > 0 ? `Take ${left}` : 'Take it out',
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
    (short || left < pieces) &&
      h(
        'p',
        { class: 'notice' },
        icon('alert'),
        h('span', {}, left > 0 ? `Only ${left} left. ` : 'Sold out. ', fix),
      ),
  );
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
        if (error.type === 'out-of-stock') {
          redraw(error.problem.shortages ?? []);
        } else throw error;
      }
    },
  });
}

/** undefined when the product is not there any more */
async function productOrGone(id, signal) {
  try {
    return await get(`/api/products/${encodeURIComponent(id)}`, signal);
  } catch (error) {
    if (error.status === 404) return undefined;
    throw error;
  }
}

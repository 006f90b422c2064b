import { get } from '../app/api.js';
import { MAX_QUANTITY, quantityOf, setQuantity } from '../app/cart.js';
import { h, icon } from '../app/dom.js';
import { money } from '../app/format.js';
import { catalogUrl, pageUrl, stockUrl } from '../app/links.js';
import { user } from '../app/session.js';
import { availability, card } from '../parts/card.js';
import { actionButton } from '../parts/form.js';
import { gallery } from '../parts/gallery.js';
import { quantity } from '../parts/quantity.js';
import { toast } from '../parts/toast.js';

const SIBLINGS = 4;

export async function page({ parameters, signal }) {
  const path = `/api/products/${encodeURIComponent(parameters.get('id') ?? '')}`;
  // Staff look at what they just changed, and a browser may keep its copy for ten seconds.
  const product = await get(path, signal, user()?.role === 'staff' ? 'reload' : undefined);
  const siblings = await get(
    `/api/products?${new URLSearchParams({ category: product.category, limit: SIBLINGS + 1 })}`,
    signal,
  );
  const others = siblings.items.filter(({ id }) => id !== product.id).slice(0, SIBLINGS);
  return {
    title: product.name,
    content: h(
      'div',
      { class: 'page' },
      h(
        'nav',
        { class: 'crumbs', 'aria-label': 'Breadcrumb' },
        h('a', { href: '/' }, 'All products'),
        h('a', { href: catalogUrl(product) }, product.category),
      ),
      h(
        'article',
        { class: 'product' },
        gallery(product),
        h(
          'div',
          { class: 'details' },
          h('h1', {}, product.name),
          h('p', { class: 'price' }, money(product.price)),
          h('p', { class: 'description' }, product.description),
          buying(product),
          user()?.role === 'staff' &&
            h('a', { class: 'button quiet', href: stockUrl(product.id) }, icon('box'), 'Edit product'),
        ),
      ),
      others.length > 0 &&
        h(
          'section',
          { class: 'others' },
          h('h2', {}, `More from ${product.category}`),
          h(
            'ul',
            { class: 'grid' },
            others.map((other) => card(other)),
          ),
        ),
    ),
  };
}

function comingBack({ onSale, everInStock }) {
  if (onSale === false) return 'The shop does not sell this product at the moment.';
  return everInStock === false
    ? 'This product is new, and the first pieces are on their way.'
    : 'Expired reservations return to stock. Check back soon.';
}

function buying(product) {
  const { text, kind } = availability(product);
  const stock = h('p', { class: `stock ${kind}` }, icon(kind === 'none' ? 'alert' : 'check', 18), text);
  if (kind === 'none') return h('div', {}, stock, h('p', { class: 'fine' }, comingBack(product)));
  const pieces = quantity({ name: product.name, value: 1, most: product.available });
  const add = actionButton({
    label: [icon('cart'), 'Add to cart'],
    kind: 'main',
    run: async () => {
      const wanted = Math.min(product.available, MAX_QUANTITY, quantityOf(product.id) + pieces.value());
      if (!setQuantity(product.id, wanted))
        throw new Error('The cart is full: it holds 20 different products. Reserve those first.');
      toast(`${product.name}: ${wanted} in your cart.`, { href: pageUrl('cart'), label: 'View cart' });
    },
  });
  return h('div', {}, stock, h('div', { class: 'buying' }, pieces.box, add));
}

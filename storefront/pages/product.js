import { get } from '../app/api.js';
import { quantityOf, setQuantity } from '../app/cart.js';
import { h, icon } from '../app/dom.js';
import { money } from '../app/format.js';
import { catalogUrl, pageUrl, stockUrl } from '../app/links.js';
import { user } from '../app/session.js';
import { availability, card } from '../parts/card.js';
import { actionButton } from '../parts/form.js';
import { picture } from '../parts/picture.js';
import { quantity } from '../parts/quantity.js';
import { toast } from '../parts/toast.js';

const SIBLINGS = 4;

export async function page({ parameters, signal }) {
  const product = await get(`/api/products/${encodeURIComponent(parameters.get('id') ?? '')}`, signal);
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
        { class: 'crumbs', 'aria-label': 'Where you are' },
        h('a', { href: '/' }, 'Everything'),
        h('a', { href: catalogUrl(product) }, product.category),
      ),
      h(
        'article',
        { class: 'product' },
        h(
          'div',
          { class: 'frame large' },
          picture(product, { size: 800, sizes: '(max-width: 46rem) 92vw, 38rem', eager: true }),
        ),
        h(
          'div',
          { class: 'details' },
          h('h1', {}, product.name),
          h('p', { class: 'price' }, money(product.price)),
          h('p', { class: 'description' }, product.description),
          buying(product),
          user()?.role === 'staff' &&
            h('a', { class: 'button quiet', href: stockUrl(product.id) }, icon('box'), 'Edit and stock'),
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

function buying(product) {
  const { text, kind } = availability(product.available);
  const stock = h('p', { class: `stock ${kind}` }, icon(kind === 'none' ? 'alert' : 'check', 18), text);
  if (kind === 'none')
    return h(
      'div',
      {},
      stock,
      h('p', { class: 'fine' }, 'Reservations that run out put things back: it can pay to look in again.'),
    );
  const pieces = quantity({ name: product.name, value: 1, most: product.available });
  const add = actionButton({
    label: [icon('cart'), 'Add to cart'],
    kind: 'main',
    run: async () => {
      const wanted = Math.min(product.available, quantityOf(product.id) + pieces.value());
      if (!setQuantity(product.id, wanted))
        throw new Error('The cart holds 20 different products. Reserve those first.');
      toast(`${product.name}: ${wanted} in your cart.`, { href: pageUrl('cart'), label: 'See the cart' });
    },
  });
  return h('div', {}, stock, h('div', { class: 'buying' }, pieces.box, add));
}

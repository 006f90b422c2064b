import { get } from '../app/api.js';
import { h } from '../app/dom.js';
import { plural } from '../app/format.js';
import { catalogUrl } from '../app/links.js';
import { note } from '../app/router.js';
import { user } from '../app/session.js';
import { card } from '../parts/card.js';
import { growing } from '../parts/more.js';
import { state } from '../parts/states.js';

const PAGE_SIZE = 24;
const MAX_PAGE_SIZE = 100;
/** Cards that are seen at once on a large screen; the pictures of the others wait for scrolling. */
const IN_SIGHT = 8;

/** The front page, a category, or what a search finds. */
export async function page({ parameters, signal, state: kept }) {
  const category = parameters.get('category') ?? undefined;
  const q = parameters.get('q')?.trim() || undefined;
  document.querySelector('#search').elements.q.value = q ?? '';
  const query = (after, limit = PAGE_SIZE) =>
    `/api/products?${new URLSearchParams(Object.entries({ category, q, after, limit }).filter(([, value]) => value))}`;
  // Coming back, the list is as long as it was, so that the place scrolled to exists.
  const limit = Math.min(Math.max(kept.shown ?? 0, PAGE_SIZE), MAX_PAGE_SIZE);
  const [categories, first] = await Promise.all([
    get('/api/categories', signal),
    get(query(undefined, limit), signal),
  ]);

  let drawn = 0;
  const products = growing({
    list: h('ul', { class: 'grid' }),
    first,
    fetchPage: (after) => get(query(after), signal),
    draw: (product) => card(product, { eager: drawn++ < IN_SIGHT }),
    label: 'Show more products',
    grew: (shown) => note({ shown }),
  });
  const title = q ? `Results for “${q}”` : (category ?? 'Wren');
  const front = !q && !category;
  return {
    title,
    content: h(
      'div',
      { class: 'page' },
      front && hero(),
      shelf(categories.items, { category, q }),
      !front && heading(title, first),
      h('h2', { class: 'unseen' }, 'Products'),
      first.items.length > 0 ? products : nothing({ category, q }),
    ),
  };
}

function hero() {
  return h(
    'section',
    { class: 'hero' },
    h(
      'div',
      {},
      h('h1', {}, 'Everyday things, well made.'),
      h('p', {}, 'Take your time: what you reserve is yours alone for fifteen minutes.'),
    ),
    h('img', { src: '/hero.svg', alt: '', width: 640, height: 320 }),
  );
}

function heading(title, { items, next }) {
  const found = next ? `More than ${items.length} products` : plural(items.length, 'product');
  return h('div', { class: 'heading' }, h('h1', {}, title), items.length > 0 && h('p', {}, found));
}

/** The categories to choose from; a search stays when another one is chosen. */
function shelf(categories, { category, q }) {
  const chip = (name, wanted) =>
    h(
      'a',
      {
        class: 'chip',
        href: catalogUrl({ category: wanted, q }),
        'aria-current': wanted === category ? 'page' : undefined,
      },
      name,
    );
  return h(
    'nav',
    { class: 'chips', 'aria-label': 'Categories' },
    chip('Everything', undefined),
    categories.map((entry) => chip(entry.category, entry.category)),
  );
}

function nothing({ category, q }) {
  if (!category && !q) {
    const staff = user()?.role === 'staff';
    const add = h('a', { class: 'button main', href: '/?page=new-product' }, 'Add the first product');
    return state({
      heading: 'The shelves are still empty',
      text: 'Nothing is on offer yet. Look in again later.',
      actions: staff ? [add] : [],
    });
  }
  const wider = category && q && h('a', { class: 'button', href: catalogUrl({ q }) }, 'Search in everything');
  return state({
    image: 'search',
    heading: 'Nothing found',
    text: q
      ? `No product has the words “${q}”. Fewer or shorter words find more.`
      : `There is nothing in “${category}”.`,
    actions: [wider, h('a', { class: 'button', href: '/' }, 'See everything')].filter(Boolean),
  });
}

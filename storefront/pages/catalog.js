import { get } from '../app/api.js';
import { h } from '../app/dom.js';
import { plural } from '../app/format.js';
import { catalogUrl } from '../app/links.js';
import { go, note } from '../app/navigation.js';
import { user } from '../app/session.js';
import { card } from '../parts/card.js';
import { growing } from '../parts/load-more.js';
import { state } from '../parts/placeholders.js';

const PAGE_SIZE = 24;
const MAX_PAGE_SIZE = 100;
/** Cards above the fold on a large screen; the images of the others load lazily. */
const IN_SIGHT = 8;

/** The home page, a category, or search results. */
export async function page({ parameters, signal, state: kept }) {
  const category = parameters.get('category') ?? undefined;
  const q = parameters.get('q')?.trim() || undefined;
  // What a search finds is newest first.
  const sort = q ? undefined : Object.keys(SORTS).find((one) => one === parameters.get('sort'));
  document.querySelector('#search').elements.q.value = q ?? '';
  const query = (after, limit = PAGE_SIZE) => {
    const asked = Object.entries({ category, sort, q, after, limit }).filter(([, value]) => value);
    return `/api/products?${new URLSearchParams(asked)}`;
  };
  // After going back the list is as long as before, so that the scroll position exists.
  const limit = Math.min(Math.max(kept.shown ?? 0, PAGE_SIZE), MAX_PAGE_SIZE);
  const [categories, first] = await Promise.all([
    get('/api/categories', signal),
    get(query(undefined, limit), signal).catch(tooBroad),
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
      h(
        'div',
        { class: 'shelf' },
        shelf(categories.items, { category, q, sort }),
        !q && first.items.length > 1 && sorting({ category, sort }),
      ),
      !front && heading(title, first),
      h('h2', { class: 'unseen' }, 'Products'),
      first.items.length > 0 ? products : nothing({ category, q, refusal: first.refusal }),
    ),
  };
}

/** The shop looked through as much as it does for one search, and did not find anything. */
function tooBroad(error) {
  if (error.type !== 'search-too-broad') throw error;
  return { items: [], refusal: error };
}

function hero() {
  return h(
    'section',
    { class: 'hero' },
    h(
      'div',
      {},
      h('h1', {}, 'Everyday things, well made.'),
      h('p', {}, 'Take your time: a reservation is held for you for 15 minutes.'),
    ),
    h('img', { src: '/hero.svg', alt: '', width: 640, height: 320 }),
  );
}

function heading(title, { items, next }) {
  const found = next ? `At least ${plural(items.length, 'product')}` : plural(items.length, 'product');
  return h('div', { class: 'heading' }, h('h1', {}, title), items.length > 0 && h('p', {}, found));
}

/** The orders of a list, by the parameter of the API; newest first is without one. */
const SORTS = { newest: 'Newest', price: 'Price, low to high', '-price': 'Price, high to low' };

function sorting({ category, sort }) {
  const options = Object.entries(SORTS).map(([value, text]) =>
    h('option', { value, selected: value === (sort ?? 'newest') }, text),
  );
  const onchange = ({ target }) =>
    go(catalogUrl({ category, sort: target.value === 'newest' ? '' : target.value }));
  return h('label', { class: 'sorting' }, h('span', {}, 'Sort by'), h('select', { onchange }, options));
}

/** Links to the categories, which keep the search and the order. */
function shelf(categories, { category, q, sort }) {
  const chip = (name, wanted) =>
    h(
      'a',
      {
        class: 'chip',
        href: catalogUrl({ category: wanted, q, sort }),
        'aria-current': wanted === category ? 'page' : undefined,
      },
      name,
    );
  return h(
    'nav',
    { class: 'chips', 'aria-label': 'Categories' },
    chip('All products', undefined),
    categories.map((entry) => chip(entry.category, entry.category)),
  );
}

function nothing({ category, q, refusal }) {
  if (!category && !q) {
    const staff = user()?.role === 'staff';
    const add = h('a', { class: 'button main', href: '/?page=new-product' }, 'Add the first product');
    return state({
      heading: 'No products yet',
      text: 'Nothing is for sale yet. Check back later.',
      actions: staff ? [add] : [],
    });
  }
  if (refusal) {
    return state({
      image: 'search',
      heading: 'Too many products to look through',
      text: `Nothing was found for “${q}” among the newest. Add a rarer word${category ? '.' : ', or choose a category.'}`,
      actions: [h('a', { class: 'button', href: '/' }, 'See everything')],
    });
  }
  const wider = category && q && h('a', { class: 'button', href: catalogUrl({ q }) }, 'Search in everything');
  return state({
    image: 'search',
    heading: 'No products found',
    text: q
      ? `No products match “${q}”. Try fewer or shorter words.`
      : `There are no products in “${category}”.`,
    actions: [wider, h('a', { class: 'button', href: '/' }, 'See all products')].filter(Boolean),
  });
}

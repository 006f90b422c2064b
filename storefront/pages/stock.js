import { get, send } from '../app/api.js';
import { h } from '../app/dom.js';
import { plural, when } from '../app/format.js';
import { postOnce } from '../app/idempotent.js';
import { pageUrl, productUrl } from '../app/links.js';
import { go } from '../app/router.js';
import { field, form } from '../parts/form.js';
import { growing } from '../parts/more.js';
import { photos } from '../parts/photos.js';
import { productForm } from '../parts/product-form.js';
import { toast } from '../parts/toast.js';

/** One product for staff: its stock, what moved it, and its words. */
export async function page({ parameters, signal }) {
  const path = `/api/products/${encodeURIComponent(parameters.get('id') ?? '')}`;
  const { data: product, etag } = await fresh(path, signal);
  const [stock, ledger, pictures, edit] = await Promise.all([
    get(`${path}/stock`, signal),
    get(`${path}/ledger?limit=10`, signal),
    get(`${path}/photos`, signal),
    editing(product, path, etag, signal),
  ]);
  return {
    title: product.name,
    content: h(
      'div',
      { class: 'page' },
      h(
        'nav',
        { class: 'crumbs', 'aria-label': 'Where you are' },
        h('a', { href: pageUrl('staff') }, 'Stock'),
        h('a', { href: productUrl(product.id) }, 'In the shop'),
      ),
      h('h1', {}, product.name),
      h(
        'dl',
        { class: 'figures' },
        Object.entries({ 'On hand': stock.onHand, Reserved: stock.reserved, Free: stock.available }).map(
          ([name, figure]) => h('div', {}, h('dt', {}, name), h('dd', {}, String(figure))),
        ),
      ),
      h(
        'div',
        { class: 'panels' },
        panel('Receive', receiving(product, path)),
        panel('Adjust', adjusting(product, path)),
        panel('Words and price', edit),
        panel('What moved the stock', history(ledger, path, signal)),
      ),
      panel('Photos', photos({ productId: product.id, first: pictures.items, signal })),
    ),
  };
}

/** As it is now, past the caches that shoppers may be answered from. */
const fresh = (path, signal) => send('GET', path, { signal, headers: { 'Cache-Control': 'no-cache' } });

const MOVED = { received: 'Received', sold: 'Sold', adjusted: 'Adjusted' };
const panel = (title, ...children) => h('section', { class: 'panel' }, h('h2', {}, title), ...children);
const refresh = () => go(location.pathname + location.search, { replace: true });

const explain = ({ type, message }) =>
  type === 'stock-below-reserved' ? { quantity: `Some of it is reserved. ${message}` } : undefined;

function receiving({ id, name }, path) {
  return form({
    fields: [
      field({
        name: 'quantity',
        label: 'Pieces that arrived',
        type: 'number',
        inputmode: 'numeric',
        min: 1,
        max: 1_000_000,
        required: true,
      }),
    ],
    action: 'Receive',
    submit: async ({ quantity }) => {
      await postOnce(`ledger.${id}`, `${path}/ledger`, { kind: 'received', quantity: Number(quantity) });
      await refresh();
      toast(`${plural(Number(quantity), 'piece')} of ${name} received.`);
    },
  });
}

function adjusting({ id, name }, path) {
  return form({
    fields: [
      field({
        name: 'quantity',
        label: 'Pieces more, or fewer with a minus',
        type: 'number',
        min: -1_000_000,
        max: 1_000_000,
        required: true,
      }),
      field({ name: 'reason', label: 'Why', required: true, maxlength: 200, autocomplete: 'off' }),
    ],
    action: 'Adjust',
    kind: '',
    submit: async ({ quantity, reason }) => {
      await postOnce(`ledger.${id}`, `${path}/ledger`, {
        kind: 'adjusted',
        quantity: Number(quantity),
        reason: reason.trim(),
      });
      await refresh();
      toast(`The stock of ${name} is adjusted.`);
    },
    explain,
  });
}

function editing(product, path, etag, signal) {
  return productForm({
    product,
    action: 'Save',
    signal,
    save: async (body) => {
      await change(path, body, { product, etag });
      await refresh();
      toast(`${body.name} is saved.`);
    },
    explain: ({ type }) =>
      type === 'changed-meanwhile'
        ? {
            '': 'Somebody else changed this product while you were writing. Copy your words, reload the page, and look at theirs first.',
          }
        : undefined,
  });
}

/** A photo that became the picture is a change too, but of nothing that the form holds: the edit is repeated over it. */
async function change(path, body, { product, etag }) {
  const patch = (version) => send('PATCH', path, { body, headers: { 'If-Match': version } });
  try {
    await patch(etag);
  } catch (error) {
    if (error.type !== 'changed-meanwhile') throw error;
    const now = await fresh(path);
    const same = (name) => JSON.stringify(now.data[name]) === JSON.stringify(product[name]);
    if (!Object.keys(body).every(same)) throw error;
    await patch(now.etag);
  }
}

function history(first, path, signal) {
  const row = ({ kind, quantity, reason, at }) =>
    h(
      'li',
      {},
      h('b', { class: 'moved' }, quantity > 0 ? `+${quantity}` : String(quantity).replace('-', '−')),
      h('div', {}, h('span', {}, reason ?? MOVED[kind]), h('span', { class: 'fine' }, when(at))),
    );
  if (first.items.length === 0) return h('p', {}, 'Nothing yet.');
  return growing({
    list: h('ul', { class: 'rows' }),
    first,
    fetchPage: (after) => get(`${path}/ledger?${new URLSearchParams({ after })}`, signal),
    draw: row,
  });
}

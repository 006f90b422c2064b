import { get, send } from '../app/api.js';
import { h } from '../app/dom.js';
import { plural, when } from '../app/format.js';
import { postOnce } from '../app/idempotent.js';
import { pageUrl, productUrl } from '../app/links.js';
import { go } from '../app/navigation.js';
import { actionButton, field, form } from '../parts/form.js';
import { growing } from '../parts/load-more.js';
import { photos } from '../parts/photos.js';
import { productForm } from '../parts/product-form.js';
import { toast } from '../parts/toast.js';

/** One product for staff: its stock and stock history, its details and photos. */
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
        { class: 'crumbs', 'aria-label': 'Breadcrumb' },
        h('a', { href: pageUrl('staff') }, 'Stock'),
        h('a', { href: productUrl(product.id) }, 'View in shop'),
      ),
      h('h1', {}, product.name),
      selling(product, path),
      h(
        'dl',
        { class: 'figures' },
        Object.entries({ 'On hand': stock.onHand, Reserved: stock.reserved, Available: stock.available }).map(
          ([name, figure]) => h('div', {}, h('dt', {}, name), h('dd', {}, String(figure))),
        ),
      ),
      h(
        'div',
        { class: 'panels' },
        panel('Receive', receiving(product, path)),
        panel('Adjust', adjusting(product, path)),
        panel('Details', edit),
        panel('Stock history', history(ledger, path, signal)),
      ),
      panel('Photos', photos({ productId: product.id, first: pictures.items, signal })),
    ),
  };
}

/** Past the copy of the browser. */
const fresh = (path, signal) => send('GET', path, { signal, cache: 'reload' });

const MOVED = { received: 'Received', sold: 'Sold', adjusted: 'Adjusted' };
const panel = (title, ...children) => h('section', { class: 'panel' }, h('h2', {}, title), ...children);
const refresh = () => go(location.pathname + location.search, { replace: true });

/** Takes the product off sale, or puts it back. */
function selling({ name, onSale }, path) {
  const change = async () => {
    const { data: now } = await fresh(path);
    await send('PATCH', path, { body: { onSale: !onSale }, headers: { 'If-Match': `"${now.version}"` } });
    await refresh();
    toast(onSale ? `${name} is off sale.` : `${name} is on sale.`);
  };
  const words = onSale
    ? 'Shoppers find it. What they hold stays theirs when you take it off sale.'
    : 'Off sale: no list and no search has it, nobody can reserve it, and links to it say so.';
  return h(
    'div',
    { class: 'selling' },
    h('p', { class: 'fine' }, words),
    actionButton({ label: onSale ? 'Take off sale' : 'Put on sale', run: change }),
  );
}

const explain = ({ type, message }) =>
  type === 'stock-below-reserved' ? { quantity: `Some of it is reserved. ${message}` } : undefined;

function receiving({ id, name }, path) {
  return form({
    fields: [
      field({
        name: 'quantity',
        label: 'Quantity received',
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
      toast(`${plural(Number(quantity), 'item')} of ${name} received.`);
    },
  });
}

function adjusting({ id, name }, path) {
  return form({
    fields: [
      field({
        name: 'quantity',
        label: 'Change in quantity, negative to remove',
        type: 'number',
        min: -1_000_000,
        max: 1_000_000,
        required: true,
      }),
      field({ name: 'reason', label: 'Reason', required: true, maxlength: 200, autocomplete: 'off' }),
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
      toast(`Stock of ${name} adjusted.`);
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
      toast(`${body.name} saved.`);
    },
    explain: ({ type }) =>
      type === 'changed-meanwhile'
        ? {
            '': 'Someone else changed this product in the meantime. Copy your changes, reload the page, and check theirs first.',
          }
        : undefined,
  });
}

/** Retries an edit when only fields outside of the form changed, such as the picture after a photo upload. */
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
  if (first.items.length === 0) return h('p', {}, 'No changes yet.');
  return growing({
    list: h('ul', { class: 'rows' }),
    first,
    fetchPage: (after) => get(`${path}/ledger?${new URLSearchParams({ after })}`, signal),
    draw: row,
  });
}

import { failure, skeleton } from '../parts/placeholders.js';
import { fill } from './dom.js';
import { loginUrl } from './links.js';
import { go, note, onNavigation } from './navigation.js';
import { setUser, user } from './session.js';

/**
 * Every page: the module that renders it, the placeholder while it loads, and the role that it needs.
 * A module exports `page({ parameters, signal, state })`, which resolves to { title, content }.
 */
const pages = {
  catalog: { load: () => import('../pages/catalog.js'), waits: 'grid' },
  product: { load: () => import('../pages/product.js'), waits: 'product' },
  cart: { load: () => import('../pages/cart.js'), waits: 'lines' },
  reserving: { load: () => import('../pages/reserving.js'), waits: 'lines' },
  login: { load: () => import('../pages/login.js'), waits: 'form' },
  signup: { load: () => import('../pages/signup.js'), waits: 'form' },
  reservations: { load: () => import('../pages/reservations.js'), waits: 'lines', needs: 'customer' },
  reservation: { load: () => import('../pages/reservation.js'), waits: 'lines', needs: 'customer' },
  account: { load: () => import('../pages/account.js'), waits: 'form', needs: 'customer' },
  staff: { load: () => import('../pages/staff.js'), waits: 'lines', needs: 'staff' },
  stock: { load: () => import('../pages/stock.js'), waits: 'form', needs: 'staff' },
  'new-password': { load: () => import('../pages/new-password.js'), waits: 'form' },
  'password-link': { load: () => import('../pages/password-link.js'), waits: 'form', needs: 'staff' },
  'off-sale': { load: () => import('../pages/off-sale.js'), waits: 'lines', needs: 'staff' },
  orders: { load: () => import('../pages/orders.js'), waits: 'lines', needs: 'staff' },
  'new-product': { load: () => import('../pages/new-product.js'), waits: 'form', needs: 'staff' },
};

/** A page that comes within this time, in ms, is shown without a placeholder before it. */
const PLACEHOLDER_DELAY_MS = 150;

const main = document.querySelector('#main');
let current = new AbortController();

/** Shows the page of the URL, then handles links, the search form and the back button. */
export function start() {
  history.scrollRestoration = 'manual';
  onNavigation(() => show({}));
  document.addEventListener('click', followLink);
  addEventListener('popstate', () => show({ restore: history.state?.scroll ?? 0 }));
  let timer;
  addEventListener('scroll', () => {
    clearTimeout(timer);
    timer = setTimeout(() => note({ scroll: Math.round(scrollY) }), 150);
  });
  show({ first: true, restore: history.state?.scroll });
}

async function show({ first = false, restore }) {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const parameters = new URLSearchParams(location.search);
  const entry = pages[parameters.get('page') ?? 'catalog'];
  document.documentElement.toggleAttribute('data-loading', true);
  const wait = setTimeout(
    () => fill(main, skeleton(entry?.waits ?? 'lines')),
    first ? 0 : PLACEHOLDER_DELAY_MS,
  );
  const view = await draw(entry, { parameters, signal, state: history.state ?? {} });
  clearTimeout(wait);
  if (signal.aborted) return;
  document.documentElement.toggleAttribute('data-loading', false);
  if (view.redirect) return go(view.redirect, { replace: true });
  document.title = view.title === 'Wren' ? 'Wren' : `${view.title} · Wren`;
  fill(main, view.content);
  if (!first) focusHeading();
  if (!first || restore) scrollTo({ top: restore ?? 0, behavior: 'instant' });
}

async function draw(entry, context) {
  const here = location.pathname + location.search;
  if (!entry) return failure({ status: 404 });
  if (entry.needs && !user()) return { redirect: loginUrl(here) };
  if (entry.needs === 'staff' && user().role !== 'staff') {
    return failure({ status: 403, message: 'This page is for staff only.' });
  }
  try {
    const { page } = await entry.load();
    return await page(context);
  } catch (error) {
    if (error.status === 401) {
      setUser(undefined);
      return { redirect: loginUrl(here) };
    }
    if (!context.signal.aborted) console.warn(error);
    return failure(error, () => go(here, { replace: true }));
  }
}

/** Screen readers read the heading and the keyboard continues from it, as after loading a document. */
function focusHeading() {
  const heading = main.querySelector('h1') ?? main;
  heading.setAttribute('tabindex', '-1');
  heading.focus({ preventScroll: true });
}

function followLink(event) {
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || event.defaultPrevented || link.target || link.origin !== location.origin) return;
  if (link.pathname !== '/' || link.hash) return;
  event.preventDefault();
  document.querySelector('#toasts').replaceChildren();
  go(link.pathname + link.search);
}

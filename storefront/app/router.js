import { failure, skeleton } from '../parts/states.js';
import { fill } from './dom.js';
import { loginUrl } from './links.js';
import { setUser, user } from './session.js';

/**
 * Every page: the module that draws it, what stands in while it loads, and who may see it.
 * A module exports `page({ parameters, signal, state })`, which resolves to { title, content }.
 */
const pages = {
  catalog: { load: () => import('../pages/catalog.js'), waits: 'grid' },
  product: { load: () => import('../pages/product.js'), waits: 'product' },
  cart: { load: () => import('../pages/cart.js'), waits: 'lines' },
  login: { load: () => import('../pages/login.js'), waits: 'form' },
  signup: { load: () => import('../pages/signup.js'), waits: 'form' },
  reservations: { load: () => import('../pages/reservations.js'), waits: 'lines', needs: 'customer' },
  reservation: { load: () => import('../pages/reservation.js'), waits: 'lines', needs: 'customer' },
  account: { load: () => import('../pages/account.js'), waits: 'form', needs: 'customer' },
  staff: { load: () => import('../pages/staff.js'), waits: 'lines', needs: 'staff' },
  stock: { load: () => import('../pages/stock.js'), waits: 'form', needs: 'staff' },
  'new-product': { load: () => import('../pages/new-product.js'), waits: 'form', needs: 'staff' },
};

/** A page that comes within this time, in ms, is shown without a placeholder before it. */
const PATIENCE_MS = 150;

const main = document.querySelector('#main');
let current = new AbortController();

/** Shows the page of the address, and from now on follows links, the search form and the back button. */
export function start() {
  history.scrollRestoration = 'manual';
  document.addEventListener('click', followLink);
  addEventListener('popstate', () => show({ restore: history.state?.scroll ?? 0 }));
  let timer;
  addEventListener('scroll', () => {
    clearTimeout(timer);
    timer = setTimeout(() => note({ scroll: Math.round(scrollY) }), 150);
  });
  show({ first: true, restore: history.state?.scroll });
}

export function go(url, { replace = false } = {}) {
  if (!replace && url !== location.pathname + location.search) {
    note({ scroll: Math.round(scrollY) });
    history.pushState({}, '', url);
  } else {
    history.replaceState({}, '', url);
  }
  return show({});
}

/** The session ended while the page was open: to the log-in page, and back here afterwards. */
export function logInAgain() {
  setUser(undefined);
  return go(loginUrl(location.pathname + location.search));
}

/** Keeps something for when the visitor comes back to this entry of the history. */
export const note = (state) => history.replaceState({ ...history.state, ...state }, '');

async function show({ first = false, restore }) {
  current.abort();
  current = new AbortController();
  const { signal } = current;
  const parameters = new URLSearchParams(location.search);
  const entry = pages[parameters.get('page') ?? 'catalog'];
  document.documentElement.toggleAttribute('data-loading', true);
  const wait = setTimeout(() => fill(main, skeleton(entry?.waits ?? 'lines')), first ? 0 : PATIENCE_MS);
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
    return failure({ status: 403, message: 'This page is for people who work here.' });
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

/** The heading is read out and the keyboard goes on from there, as after loading a document. */
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

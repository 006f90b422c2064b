import { cart, count } from '../app/cart.js';
import { catalogUrl } from '../app/links.js';
import { go } from '../app/navigation.js';
import { session, user } from '../app/session.js';

const find = (id) => document.querySelector(`#${id}`);

/** Keeps the user and the cart count in the header current. */
export function startHeader() {
  session.addEventListener('change', showUser);
  cart.addEventListener('change', showCount);
  showUser();
  showCount();
  const search = find('search');
  search.addEventListener('submit', (event) => {
    event.preventDefault();
    go(catalogUrl({ q: search.elements.q.value.trim() }));
  });
  document.querySelector('.skip').addEventListener('click', (event) => {
    event.preventDefault();
    find('main').focus();
  });
}

function showUser() {
  find('account-label').textContent = user() ? 'Account' : 'Log in';
  find('place-staff').hidden = user()?.role !== 'staff';
}

function showCount() {
  const pieces = count();
  const badge = find('cart-count');
  badge.hidden = pieces === 0;
  badge.textContent = pieces > 99 ? '99+' : String(pieces);
  find('place-cart').setAttribute('aria-label', `Cart, ${pieces} ${pieces === 1 ? 'item' : 'items'}`);
}

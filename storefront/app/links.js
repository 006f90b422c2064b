/**
 * Every place of the shop is the path / with a query: real addresses that can be shared and reloaded,
 * and that a plain file server (S3, nginx) answers without rewriting.
 */
const at = (parameters) => {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString();
  return query ? `/?${query}` : '/';
};

export const catalogUrl = ({ category, q } = {}) => at({ category, q });
export const productUrl = (id) => at({ page: 'product', id });
export const reservationUrl = (id) => at({ page: 'reservation', id });
export const stockUrl = (id) => at({ page: 'stock', id });
/** A page that needs nothing but its name: cart, login, signup, reservations, account, staff, new-product. */
export const pageUrl = (page) => at({ page });

/** To the log-in page, and back to `next` afterwards. */
export const loginUrl = (next, page = 'login') => at({ page, next: next === '/' ? undefined : next });

/** Where to go after logging in: only ever a place of this shop, whatever the address says. */
export function nextPlace(parameters) {
  const next = parameters.get('next') ?? '/';
  return /^\/(\?|$)/.test(next) ? next : '/';
}

/**
 * Every page of the shop is the path / with a query: URLs that can be shared and reloaded, and that a static file
 * server (S3, nginx) serves without rewriting.
 */
const at = (parameters) => {
  const query = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value)).toString();
  return query ? `/?${query}` : '/';
};

export const catalogUrl = ({ category, q, sort } = {}) => at({ category, q, sort });
export const productUrl = (id) => at({ page: 'product', id });
export const reservationUrl = (id) => at({ page: 'reservation', id });
export const stockUrl = (id) => at({ page: 'stock', id });
/**
 * A page without parameters: cart, login, signup, new-password, reservations, account, and for staff: staff, off-sale,
 * orders, new-product, password-link.
 */
export const pageUrl = (page) => at({ page });

/** The whole address under which a link to a new password is given to somebody; its token stays in the browser. */
export const newPasswordUrl = (token) => `${location.origin}${pageUrl('new-password')}#${token}`;

/** The log-in page, which redirects to `next` afterwards. */
export const loginUrl = (next, page = 'login') => at({ page, next: next === '/' ? undefined : next });

/** The redirect target after logging in. Always within this shop: prevents open redirects. */
export function nextPlace(parameters) {
  const next = parameters.get('next') ?? '/';
  return /^\/(\?|$)/.test(next) ? next : '/';
}

import { type Answer, headerOf, jsonOf } from '../load/answer';
import type { Step } from '../load/generator';
import { type Fixtures, oneOf, type Shelf } from './fixtures';

/** Returns undefined for the expected status, or else the status and, of a problem, its type. */
export function unlessStatus(answer: Answer, expected: number): string | undefined {
  if (answer.status === expected) return undefined;
  const isProblem = headerOf(answer, 'content-type')?.startsWith('application/problem+json');
  return `${answer.status}${isProblem ? ` ${jsonOf<{ type: string }>(answer).type}` : ''}`;
}

export const asCustomer = (token: string) => ({ Authorization: `Bearer ${token}` });

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly price: { readonly amount: number };
  readonly available: number;
}

function wrongProduct(fixtures: Fixtures, shown: Shown, shelf: Shelf | undefined): string | undefined {
  if (!shelf) return undefined;
  if (shown.id !== shelf.id || shown.name !== shelf.name || shown.price.amount !== shelf.price)
    return 'wrong: another product, name or price';
  const [least, most] = fixtures.book.available(shelf.id, shelf.pieces, performance.now());
  return shown.available >= least && shown.available <= most
    ? undefined
    : `wrong: ${shown.available} available, from ${least} to ${most} were acknowledged`;
}

function productStep(fixtures: Fixtures, kind: string, shelf: Shelf, headers?: Record<string, string>): Step {
  return {
    ...{ kind, method: 'GET', path: `/api/products/${shelf.id}`, headers },
    check: (answer) => unlessStatus(answer, 200) ?? wrongProduct(fixtures, jsonOf<Shown>(answer), shelf),
  };
}

export const readProduct = (fixtures: Fixtures): Step => productStep(fixtures, 'product', fixtures.popular());
export const readHotProduct = (fixtures: Fixtures): Step =>
  productStep(fixtures, 'hot product', fixtures.hot);
/** Sends an unsigned cookie `wrote`: such a read must cost no more than any other. */
export const readWithForgedCookie = (fixtures: Fixtures): Step =>
  productStep(fixtures, 'forged cookie', fixtures.popular(), { Cookie: 'wrote=1' });

const MISSING = '01930000-0000-7000-8000-';

/** Reads unknown ids, against which no cache helps. */
export const readMissingProduct = (fixtures: Fixtures): Step => ({
  kind: 'missing product',
  method: 'GET',
  path: `/api/products/${MISSING}${Math.floor(fixtures.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0')}`,
  check: (answer) => unlessStatus(answer, 404),
});

const PAGE = 24;

function listStep(fixtures: Fixtures, kind: string, query: string, fits: (shown: Shown) => boolean): Step {
  return {
    ...{ kind, method: 'GET', path: `/api/products?limit=${PAGE}${query}` },
    check: (answer) => {
      const wrong = unlessStatus(answer, 200);
      if (wrong) return wrong;
      const { items } = jsonOf<{ items: Shown[] }>(answer);
      if (items.length === 0) return 'wrong: an empty list';
      if (!items.every((shown) => fits(shown) || !fixtures.shelfOf.has(shown.id)))
        return 'wrong: a list with what was not asked for';
      if (items.some(({ id }, at) => at > 0 && id > (items[at - 1]?.id ?? '')))
        return 'wrong: not newest first';
      return items
        .map((shown) => wrongProduct(fixtures, shown, fixtures.shelfOf.get(shown.id)))
        .find(Boolean);
    },
  };
}

export const readFrontPage = (fixtures: Fixtures): Step => listStep(fixtures, 'front page', '', () => true);

export function readCategory(fixtures: Fixtures): Step {
  const { category } = oneOf(fixtures.shelves, fixtures.random);
  return listStep(
    fixtures,
    'category',
    `&category=${encodeURIComponent(category)}`,
    (shown) => shown.category === category,
  );
}

export function search(fixtures: Fixtures): Step {
  const { name } = fixtures.popular();
  const [, number = ''] = name.split(' ');
  return listStep(fixtures, 'search', `&q=${encodeURIComponent(name.toLowerCase())}`, (shown) =>
    (shown.name.split(' ')[1] ?? '').startsWith(number),
  );
}

export function readProfile(fixtures: Fixtures): Step {
  const { id, email, token } = fixtures.anyCustomer();
  const used = fixtures.book.uses(email, token);
  return {
    ...{ kind: 'profile', method: 'GET', path: '/api/users/me', headers: asCustomer(token) },
    check: (answer) => {
      used(answer.status);
      const wrong = unlessStatus(answer, 200);
      if (wrong) return wrong;
      return jsonOf<{ id: string }>(answer).id === id ? undefined : 'wrong: somebody else';
    },
  };
}

export function readReservations(fixtures: Fixtures): Step {
  const { email, token } = fixtures.anyCustomer();
  const used = fixtures.book.uses(email, token);
  return {
    ...{ kind: 'own orders', method: 'GET', path: '/api/reservations', headers: asCustomer(token) },
    check: (answer) => {
      used(answer.status);
      return unlessStatus(answer, 200);
    },
  };
}

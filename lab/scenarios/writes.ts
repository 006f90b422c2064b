import { createHash, randomUUID } from 'node:crypto';
import { OUT_OF_STOCK } from '../../lambda/inventory/reservations/errors';
import type { Counted } from '../check/book';
import type { PhotoStatus } from '../history/photo-model';
import { type Answer, jsonOf } from '../load/answer';
import type { Step } from '../load/generator';
import { PASSWORD } from '../servers/stock';
import { type Customer, type Fixtures, oneOf, type Shelf } from './fixtures';
import { asCustomer, unlessStatus } from './reads';

const JSON_BODY = { 'Content-Type': 'application/json' };

/** True if the answer leaves the outcome open, which a refusal does not. */
const isUnknown = ({ status }: Answer): boolean => status >= 500;

/** Every write has an unknown outcome if its answer is 5xx or missing: it may have been done. */
function write(fixtures: Fixtures, counted: Counted, step: Step): Step {
  return {
    ...step,
    check: (answer) => {
      if (isUnknown(answer)) fixtures.book.unknown(counted);
      return step.check(answer);
    },
    lost: () => fixtures.book.unknown(counted),
  };
}

interface ReservationAnswer {
  readonly id: string;
  readonly status: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
}

function reserve(fixtures: Fixtures, customer: Customer, shelf: Shelf): Step {
  const quantity = 1;
  fixtures.book.attempts(shelf.id, quantity);
  const answered = fixtures.book.stock.begin(customer.email, shelf.id, { kind: 'reserve', quantity });
  return write(fixtures, 'reservations', {
    ...{ kind: 'reserve', method: 'POST', path: '/api/reservations' },
    headers: { ...JSON_BODY, ...asCustomer(customer.token), 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ items: [{ productId: shelf.id, quantity }] }),
    check: (answer) => {
      // A refusal is right once the requested pieces exceed the stock.
      if (answer.status === 409) {
        if (jsonOf<{ type: string }>(answer).type === OUT_OF_STOCK.type) answered({ kind: 'refused' });
        return fixtures.book.attempted(shelf.id) > shelf.pieces
          ? undefined
          : 'wrong: refused, though there are some left';
      }
      const wrong = unlessStatus(answer, 201);
      if (wrong) return wrong;
      const made = jsonOf<ReservationAnswer>(answer);
      answered({ kind: 'reserved', id: made.id });
      fixtures.book.reserved(made.id, { productId: shelf.id, quantity, at: performance.now() });
      const [item] = made.items;
      return made.status === 'held' && item?.productId === shelf.id && item.quantity === quantity
        ? undefined
        : 'wrong: another reservation';
    },
    following: (answer) =>
      answer.status === 201
        ? confirm(fixtures, customer, shelf, jsonOf<ReservationAnswer>(answer).id)
        : undefined,
  });
}

function confirm(fixtures: Fixtures, customer: Customer, shelf: Shelf, id: string): Step {
  const answered = fixtures.book.stock.begin(customer.email, shelf.id, { kind: 'confirm', id });
  return write(fixtures, 'sales', {
    ...{ kind: 'confirm', method: 'POST', path: `/api/reservations/${id}/confirm` },
    headers: asCustomer(customer.token),
    check: (answer) => {
      const wrong = unlessStatus(answer, 200);
      if (wrong) return wrong;
      answered({ kind: 'done' });
      fixtures.book.confirmed(id);
      return jsonOf<ReservationAnswer>(answer).status === 'confirmed' ? undefined : 'wrong: not confirmed';
    },
  });
}

/** Reserves a piece, and buys it. */
export const buy = (fixtures: Fixtures): Step =>
  reserve(fixtures, fixtures.anyCustomer(), fixtures.popular());
export const buyHot = (fixtures: Fixtures): Step => reserve(fixtures, fixtures.anyCustomer(), fixtures.hot);

export function register(fixtures: Fixtures): Step {
  const email = `new-${fixtures.nextNumber()}-${randomUUID()}@lab.example`;
  return write(fixtures, 'accounts', {
    ...{ kind: 'sign up', method: 'POST', path: '/api/users', headers: JSON_BODY },
    body: JSON.stringify({ email, name: 'New Customer', password: PASSWORD }),
    check: (answer) => {
      const wrong = unlessStatus(answer, 201);
      if (wrong) return wrong;
      const made = jsonOf<{ id: string; email: string }>(answer);
      fixtures.book.registered(email, made.id);
      return made.email === email ? undefined : 'wrong: another account';
    },
  });
}

export function logIn(fixtures: Fixtures): Step {
  const { id, email } = fixtures.anyCustomer();
  return write(fixtures, 'sessions', {
    ...{ kind: 'log in', method: 'POST', path: '/api/sessions', headers: JSON_BODY },
    body: JSON.stringify({ email, password: PASSWORD }),
    check: (answer) => {
      const wrong = unlessStatus(answer, 201);
      if (wrong) return wrong;
      fixtures.book.loggedIn();
      const { token, user } = jsonOf<{ token?: string; user?: { id: string } }>(answer);
      return token && (user === undefined || user.id === id)
        ? undefined
        : 'wrong: no session of this account';
    },
  });
}

/** Uploads a unique picture: the same bytes with a number behind their end. */
export function uploadPhoto(picture: Buffer) {
  return (fixtures: Fixtures): Step => {
    const customer = oneOf(fixtures.staff, fixtures.random);
    const { id: productId } = oneOf(fixtures.shelves, fixtures.random);
    const bytes = Buffer.concat([picture, Buffer.from(String(fixtures.nextNumber()))]);
    const headers = asCustomer(customer.token);
    const photos = `/api/products/${productId}/photos`;
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    return {
      ...{ kind: 'photo, asked', method: 'POST', path: photos, headers: { ...headers, ...JSON_BODY } },
      body: JSON.stringify({ bytes: bytes.length, type: 'image/jpeg', sha256 }),
      check: (answer) => unlessStatus(answer, 201),
      following: (asked) => {
        const { id, upload } = jsonOf<{
          id: string;
          upload: { url: string; headers: Record<string, string> };
        }>(asked);
        fixtures.book.photoCalls.begin(customer.email, id, { kind: 'begin' })({ kind: 'done' });
        const url = new URL(upload.url, 'http://shop.invalid');
        return {
          ...{ kind: 'photo, uploaded', method: 'PUT', path: url.pathname + url.search, body: bytes },
          headers: upload.headers,
          ...(url.hostname !== 'shop.invalid' && { pool: fixtures.poolOf(url.origin) }),
          check: ({ status }) => (status >= 200 && status < 300 ? undefined : `${status}`),
          following: () => complete(fixtures, customer, `${photos}/${id}/complete`, id),
        };
      },
    };
  };
}

function complete(fixtures: Fixtures, { email, token }: Customer, path: string, id: string): Step {
  const answered = fixtures.book.photoCalls.begin(email, id, { kind: 'complete' });
  return write(fixtures, 'photos', {
    ...{ kind: 'photo, completed', method: 'POST', path, headers: asCustomer(token) },
    check: (answer) => {
      const wrong = unlessStatus(answer, 202);
      if (wrong) return wrong;
      answered({ kind: 'seen', status: jsonOf<{ status: PhotoStatus }>(answer).status });
      fixtures.book.photo(id);
      return undefined;
    },
  });
}

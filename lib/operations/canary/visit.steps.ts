import { createHash, randomUUID } from 'node:crypto';
import { type Answer, createShopper, type Shopper, UnexpectedAnswerError } from './shopper.steps';

/** Runs a part of a visit, and measures it under this name. */
export type Step = (name: string, work: () => Promise<void>) => Promise<void>;

export interface VisitOptions {
  /** The public URL of the shop. */
  readonly url: string;
  /** Of the canary's account. */
  readonly password: string;
  readonly step: Step;
}

/** It takes one piece of what there is plenty of, for seconds. */
const LEAST_AVAILABLE = 10;

interface Product {
  readonly id: string;
  readonly available: number;
}

interface Reservation {
  readonly id: string;
  readonly status: string;
}

/**
 * A visit as a shopper makes it: looks around, logs in, reserves a piece and gives it back. Nothing stays but two lines
 * in the ledger that add up to zero. @throws UnexpectedAnswerError
 */
export async function visit({ url, password, step }: VisitOptions): Promise<void> {
  const shopper = createShopper(url);
  let product: Product | undefined;
  await step('browse', async () => {
    product = await browse(shopper);
  });
  await step('log in', () => logIn(shopper, password));
  try {
    // A visit that was cut off left it, and it would count against the limit of the account.
    await releaseAll(shopper);
    if (product) await buyNothing(shopper, product, step);
  } finally {
    await shopper.ask('DELETE', '/api/sessions/current', [204, 401]);
  }
}

/** The product of the first page with the most pieces, if that is plenty. */
async function browse({ ask }: Shopper): Promise<Product | undefined> {
  const page = await ask('GET', '/', [200]);
  if (!/<title>/i.test(page.body)) throw new UnexpectedAnswerError('The front page is no page');
  const { items } = json<{ items: Product[] }>(await ask('GET', '/api/products', [200]));
  const [most] = items.toSorted((one, other) => other.available - one.available);
  if (!most) throw new UnexpectedAnswerError('The first page of products is empty');
  const shown = json<Product>(await ask('GET', `/api/products/${most.id}`, [200]));
  if (shown.id !== most.id) throw new UnexpectedAnswerError(`Another product was shown for ${most.id}`);
  return most.available >= LEAST_AVAILABLE ? most : undefined;
}

/** The first log-in makes the account, and so does the first with another password: its e-mail is another, too. */
async function logIn({ ask }: Shopper, password: string): Promise<void> {
  const body = { email: emailOf(password), password };
  const { status } = await ask('POST', '/api/sessions', [201, 401], { body });
  if (status === 401) {
    await ask('POST', '/api/users', [201], { body: { ...body, name: 'Canary' } });
    await ask('POST', '/api/sessions', [201], { body });
  }
  await ask('GET', '/api/users/me', [200]);
}

/** Nobody can guess it and take it first; `.invalid` receives no mail. */
const emailOf = (password: string): string =>
  `canary-${createHash('sha256').update(password).digest('hex').slice(0, 16)}@shop.invalid`;

async function buyNothing({ ask }: Shopper, { id: productId }: Product, step: Step): Promise<void> {
  let id = '';
  await step('reserve', async () => {
    const body = { items: [{ productId, quantity: 1 }] };
    const headers = { 'Idempotency-Key': randomUUID() };
    ({ id } = json<Reservation>(await ask('POST', '/api/reservations', [201], { body, headers })));
  });
  await step('release', async () => {
    await ask('POST', `/api/reservations/${id}/release`, [200]);
    const { status } = json<Reservation>(await ask('GET', `/api/reservations/${id}`, [200]));
    if (status !== 'released') throw new UnexpectedAnswerError(`The reservation is ${status}, not released`);
  });
}

async function releaseAll({ ask }: Shopper): Promise<void> {
  const { items } = json<{ items: Reservation[] }>(await ask('GET', '/api/reservations', [200]));
  for (const { id, status } of items) {
    if (status === 'held') await ask('POST', `/api/reservations/${id}/release`, [200, 409]);
  }
}

function json<Body>({ body }: Answer): Body {
  try {
    return JSON.parse(body);
  } catch {
    throw new UnexpectedAnswerError(`The answer is no JSON: ${body.slice(0, 100)}`);
  }
}

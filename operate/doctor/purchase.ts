import { randomUUID } from 'node:crypto';
import { judged, type Row, skipped, toLookAt } from '../report/row';

export interface Account {
  readonly email: string;
  readonly password: string;
}

/** The account of the outside check, from the environment: other users of a machine can read command lines. */
export const ACCOUNT_SETTINGS = ['CANARY_EMAIL', 'CANARY_PASSWORD'] as const;

const PATIENCE_MS = 10_000;
const RUNBOOK = 'docs/runbook.md, "Hosts answer with errors"';

/** Buys like a customer, up to the payment, and gives the piece back: no stock and no money moves. */
export async function purchaseRows(url: string, account: Account | undefined): Promise<Row[]> {
  const shop = new Visit(url);
  const browse = await shop.step('browse', 'GET', '/api/products?limit=100', [200]);
  if (!browse.body) return [browse.row, skipped('log in', 'nobody can browse')];
  if (!account)
    return [browse.row, skipped('log in, reserve', `no account: set ${ACCOUNT_SETTINGS.join(', ')}`)];
  const logIn = await shop.step('log in', 'POST', '/api/sessions', [201], credentials(account));
  if (!logIn.body) return [browse.row, logIn.row];
  shop.token = String(logIn.body.token);
  try {
    return [browse.row, logIn.row, ...(await reserveAndRelease(shop, browse.body))];
  } finally {
    await shop.step('log out', 'DELETE', '/api/sessions/current', [204]);
  }
}

/** Those two alone: the shop refuses fields that it does not know. */
const credentials = ({ email, password }: Account): Account => ({ email, password });

async function reserveAndRelease(shop: Visit, { items = [] }: Answer): Promise<Row[]> {
  const product = items.find(({ available = 1 }) => available > 0);
  if (!product)
    return [toLookAt('reserve', 'no product has stock', 'one to reserve', ['docs/deploy.md, "Staff"'])];
  const order = { items: [{ productId: product.id, quantity: 1 }] };
  const reserve = await shop.step('reserve', 'POST', '/api/reservations', [201], order);
  if (!reserve.body) return [reserve.row];
  // Forgotten, it would end by itself after some minutes.
  const release = await shop.step('release', 'POST', `/api/reservations/${reserve.body.id}/release`, [200]);
  return [reserve.row, release.row];
}

interface Answer {
  readonly id?: string;
  readonly token?: string;
  readonly items?: readonly { readonly id: string; readonly available?: number }[];
}

class Visit {
  token = '';
  constructor(private readonly url: string) {}

  /** The row of one request; a body if the status was one of those expected. */
  async step(
    subject: string,
    method: string,
    path: string,
    expected: readonly number[],
    body?: object,
  ): Promise<{ row: Row; body?: Answer }> {
    const started = performance.now();
    const needed = `${expected.join(', ')} within ${PATIENCE_MS / 1000} s`;
    try {
      const answer = await fetch(new URL(path, this.url), {
        method,
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE_MS),
        headers: {
          'Content-Type': 'application/json',
          'Idempotency-Key': randomUUID(),
          ...(this.token && { Authorization: `Bearer ${this.token}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      const took = `${answer.status} after ${Math.round(performance.now() - started)} ms`;
      if (!expected.includes(answer.status))
        return { row: judged(subject, `${took}${titleOf(text)}`, needed, [RUNBOOK]) };
      return { row: judged(subject, took, needed), body: text ? JSON.parse(text) : {} };
    } catch (error) {
      // Of a failed connection, `fetch` keeps the reason in the cause.
      const { message, cause } = error as { message: string; cause?: { message?: string } };
      return { row: judged(subject, cause?.message ?? message, needed, [RUNBOOK]) };
    }
  }
}

/** Of the shop's own refusals, which are problem+json. */
function titleOf(text: string): string {
  try {
    return `: ${JSON.parse(text).title}`;
  } catch {
    return '';
  }
}

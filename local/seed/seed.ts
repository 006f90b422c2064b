import { demoAccounts } from './accounts';
import { type SeedProduct, seedProducts } from './products';

type Fetch = (request: Request) => Promise<Response>;

/** Fills an empty shop through its API, with the same validation as for any client. */
export async function seed(fetch: Fetch, grantStaff: (email: string) => Promise<void>): Promise<void> {
  const post = poster(fetch);
  for (const { role, name, email, password } of demoAccounts) {
    await post('/api/users', { name, email, password });
    if (role === 'staff') await grantStaff(email);
  }
  const [, { email, password }] = demoAccounts;
  const { token } = await post<{ token: string }>('/api/sessions', { email, password });
  for (const product of mixed(seedProducts)) {
    const { id } = await post<{ id: string }>('/api/products', facts(product), token);
    if (product.stock > 0) {
      await post(`/api/products/${id}/ledger`, { kind: 'received', quantity: product.stock }, token);
    }
  }
  const ended = await fetch(request('DELETE', '/api/sessions/current', token));
  if (!ended.ok) throw new Error(`Seeding: could not log out: ${await ended.text()}`);
}

const facts = ({ category, drawing, name, description, price }: SeedProduct) => ({
  category,
  name,
  description,
  price: { amount: price, currency: 'USD' },
  picture: `/pictures/${category.toLowerCase()}/${drawing}.svg`,
});

/** Alternates between categories, so that the front page shows a bit of everything. */
function mixed(products: readonly SeedProduct[]): SeedProduct[] {
  const turn = new Map<SeedProduct, number>();
  const seen = new Map<string, number>();
  for (const product of products) {
    const place = seen.get(product.category) ?? 0;
    turn.set(product, place);
    seen.set(product.category, place + 1);
  }
  return [...products].sort((one, other) => (turn.get(one) ?? 0) - (turn.get(other) ?? 0)).reverse();
}

function poster(fetch: Fetch) {
  return async <Answer>(path: string, body: object, token?: string): Promise<Answer> => {
    const response = await fetch(request('POST', path, token, body));
    if (!response.ok) throw new Error(`Seeding: POST ${path} failed: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
}

const request = (method: string, path: string, token?: string, body?: object) =>
  new Request(`http://localhost${path}`, {
    method,
    headers: {
      'Content-Type': 'application/json',
      'Idempotency-Key': crypto.randomUUID(),
      ...(token && { Authorization: `Bearer ${token}` }),
    },
    body: body && JSON.stringify(body),
  });

/** One server of `vendure.ts`, in a process of its own whose CPU time is the measurement. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { serve } from '../../lambda/shared/http/serve';
import { createLog } from '../../lambda/shared/runtime/log';
import { freePort } from '../../local/servers/free-port';
import { measured, type RequestText } from './measured-server';
import { openStockedShop, product, reservation } from './stocked-shop';

/** Twice as many as a process keeps copies of, so that each is read from its row again. */
const IN_ROWS = 20_000;
const PRODUCTS = 200;
const SESSIONS = 1000;
const DESCRIPTION = 'Stoneware, holds plenty and keeps warm. '.repeat(18).trim();

async function main(variant = '', folder = '', socket = '', installed = ''): Promise<void> {
  measured(
    variant.startsWith('vendure')
      ? await vendure(variant, socket, installed)
      : await shop(variant, folder, socket),
  );
}

async function shop(variant: string, folder: string, socket: string) {
  const count = variant === 'product in rows' ? IN_ROWS : PRODUCTS;
  const stocked = await openStockedShop(variant, folder, socket, count);
  const { fetch, fastPath } = stocked.shop;
  const { port } = await serve({ fetch, fastPath, log: createLog(), port: 0 });
  const requests: Readonly<Record<string, () => RequestText[]>> = {
    'product in memory': () => [product(port, stocked.products[0] ?? '')],
    'product in rows': () => stocked.products.map((id) => product(port, id)),
    reservation: () =>
      stocked.tokens.map((token, n) => reservation(port, token, stocked.products[n % PRODUCTS] ?? '')),
  };
  return { port, requests: requests[variant]?.() ?? [] };
}

/** Only what is used here: the package is not among this project's. */
interface Vendure {
  bootstrap(config: object): Promise<unknown>;
  readonly DefaultLogger: new (options: object) => object;
  readonly LogLevel: Readonly<Record<'Error', number>>;
}

async function vendure(variant: string, socketPath: string, installed: string) {
  // It leaves a folder where it is started, and reports its use to its makers unless it is told not to.
  process.chdir(installed);
  process.env.VENDURE_DISABLE_TELEMETRY = 'true';
  const { bootstrap, DefaultLogger, LogLevel } = createRequire(join(installed, 'x.js'))(
    '@vendure/core',
  ) as Vendure;
  const database = variant.replaceAll(' ', '_');
  const admin = await createConnection({ socketPath, user: 'root' });
  await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4`);
  await admin.end();
  const port = await freePort();
  await bootstrap({
    apiOptions: { port, hostname: '127.0.0.1', adminApiPath: 'admin', shopApiPath: 'shop' },
    authOptions: {
      tokenMethod: ['bearer'],
      superadminCredentials: { identifier: 'admin', password: 'admin' },
      cookieOptions: { secret: 'bench' },
    },
    dbConnectionOptions: { type: 'mysql', synchronize: true, database, username: 'root', socketPath },
    paymentOptions: { paymentMethodHandlers: [] },
    logger: new DefaultLogger({ level: LogLevel.Error }),
  });
  const variants = await stock(`http://127.0.0.1:${port}/admin`);
  const read = `{ product(id: 1) { id name description variants { id price stockLevel } } }`;
  if (variant === 'vendure product') {
    const { data } = await ask(`http://127.0.0.1:${port}/shop`, read);
    if (data.product?.description !== DESCRIPTION) throw new Error('Vendure has no such product');
    return { port, requests: [post(port, read)] };
  }
  const tokens: string[] = [];
  while (tokens.length < SESSIONS) tokens.push(await openCart(`http://127.0.0.1:${port}/shop`));
  const requests = Array.from({ length: 8 * SESSIONS }, (_, n) =>
    post(port, add(variants[(n + Math.floor(n / SESSIONS)) % PRODUCTS] ?? ''), tokens[n % SESSIONS]),
  );
  return { port, requests };
}

/** Returns the ids of the variants that can be bought. */
async function stock(url: string): Promise<string[]> {
  const { token } = await ask(url, `mutation { login(username: "admin", password: "admin") { __typename } }`);
  const run = async (mutation: string) => (await ask(url, `mutation { ${mutation} }`, token)).data;
  const zone = (await run(`createZone(input: { name: "All" }) { id }`)).createZone?.id;
  await run(
    `updateChannel(input: { id: 1, defaultTaxZoneId: ${zone}, defaultShippingZoneId: ${zone} }) { __typename }`,
  );
  const category = (await run(`createTaxCategory(input: { name: "All", isDefault: true }) { id }`))
    .createTaxCategory?.id;
  await run(
    `createTaxRate(input: { name: "None", enabled: true, value: 0, categoryId: ${category}, zoneId: ${zone} }) { id }`,
  );
  const variants: string[] = [];
  for (let n = 0; n < PRODUCTS; n++) {
    const facts = `languageCode: en, name: "Mug ${n}"`;
    const { createProduct } = await run(
      `createProduct(input: { enabled: true, translations: [{ ${facts}, slug: "mug-${n}", description: "${DESCRIPTION}" }] }) { id }`,
    );
    const { createProductVariants } = await run(
      `createProductVariants(input: [{ productId: ${createProduct?.id}, sku: "${n}", price: 4900, stockOnHand: 1000000,
        trackInventory: TRUE, translations: [{ ${facts} }] }]) { id }`,
    );
    variants.push(createProductVariants?.[0]?.id ?? '');
  }
  return variants;
}

const add = (variant: string): string =>
  `mutation { addItemToOrder(productVariantId: ${variant}, quantity: 1) { __typename ... on Order { code totalQuantity } } }`;

/** Returns the token of a new session with an order. @throws Error if nothing can be added to it */
async function openCart(url: string): Promise<string> {
  const { data, token } = await ask(url, add('1'));
  if (data.addItemToOrder?.__typename !== 'Order') throw new Error(JSON.stringify(data));
  return token;
}

type Data = Readonly<Record<string, Entity & readonly Entity[]>>;
type Entity = Readonly<Record<'id' | 'description' | '__typename', string>>;

async function ask(url: string, query: string, token?: string): Promise<{ data: Data; token: string }> {
  const authorization = token && { Authorization: `Bearer ${token}` };
  const headers = { 'Content-Type': 'application/json', ...authorization };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return { data, token: answer.headers.get('vendure-auth-token') ?? '' };
}

function post(port: number, query: string, token?: string): RequestText {
  const body = JSON.stringify({ query });
  const headers = [
    `Host: localhost:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    ...(token ? [`Authorization: Bearer ${token}`] : []),
  ];
  return `POST /shop HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
}

main(...process.argv.slice(2)).catch((error: Error) => {
  console.error(error);
  process.exit(1);
});

import { createCatalog } from '../../lambda/inventory/catalog/service';
import { createKeys } from '../../lambda/inventory/idempotency';
import { inventoryMigrations } from '../../lambda/inventory/migrations';
import { createParts, type Parts } from '../../lambda/inventory/parts';
import { createReservations } from '../../lambda/inventory/reservations/service';
import { createStock } from '../../lambda/inventory/stock/service';
import { auditStock } from '../../lambda/inventory/stock/stock-audit';
import { createRecorder, withStaleness } from '../history/history';
import { judge } from '../history/judge';
import {
  describeStock,
  type StockAnswer,
  type StockCall,
  type StockRequest,
  stockModel,
  withExpiry,
} from '../history/stock-model';
import type { Cluster } from './cluster';
import type { Fault } from './faults';
import { createNames, line, renamed } from './history-text';
import type { Operation } from './plan';
import { type Program, type Setting, startShop } from './shop';
import { silent } from './silent-log';
import { createBuyer, STOCK_REFUSALS } from './stock-clients';
import { runClients, type SubjectOf, settle } from './subject';
import { EPOCH, type World } from './world';

/** A copy of a product is at most so old, whatever fails (decision 0112), and the time of slow calls. */
const COPY_MS = 11_000 + 2500;
/** The same where nothing fails: a second in a process, and a call. */
const CALM_COPY_MS = 1300;
const MOST_TRIES = 200_000;

/** Stock, reservations and the pages of products, by the real services. */
export const stockSubject: SubjectOf = {
  migrations: inventoryMigrations,
  run: async (setting) => {
    const { world, cluster, plan } = setting;
    const { shape, faults } = plan;
    const products = await addProducts(cluster, shape.pieces, world);
    await settle(setting);
    const shop = startShop(setting, inventory(setting));
    const recorder = createRecorder<StockRequest, StockAnswer>(world.now);
    const copied = new Set<StockRequest>();
    const ended = new Map<string, 'confirmed' | 'released'>();
    const unexpected: string[] = [];
    const buyerOf = (name: string) =>
      createBuyer(name, {
        ...setting,
        shop,
        refusals: STOCK_REFUSALS,
        unexpected,
        products,
        recorder,
        copied,
        ended,
      });

    await runClients(setting, buyerOf);
    const last = buyerOf('last');
    const look = (kind: Operation['kind'], which: number, where: number) =>
      last({ client: 0, pause: 0, kind, which, where, quantity: 1 });
    for (const place of products.keys())
      for (const reader of shop.readers.keys()) await look('read', place, reader);
    shop.stop();
    const rows = await audit(cluster, shape.holdMs, world, ended);
    for (const place of products.keys()) await look('look', place, 0);

    const names = createNames(new Map(products.map((id, place) => [id, `product ${place}`])), 'r');
    const copies = new Set<StockRequest>();
    const calls = recorder.calls().map((call) => {
      const named = renamed(call, names, ['id']) as StockCall;
      if (copied.has(call.request)) copies.add(named.request);
      // A client that looked at the record may still be shown an older copy: only writes of one's own are never missed.
      else if (named.request.kind === 'read') return { ...named, client: `${named.client}, looking` };
      return named;
    });
    const skews = faults.map((fault) => (fault.kind === 'wrong clock' ? Math.abs(fault.ms) : 0));
    const bound = faults.length > 0 ? COPY_MS : CALM_COPY_MS;
    const all = [...calls, ...calls.flatMap((call) => repeated(call, faults))].map(unknown);
    const aged = withStaleness(all, bound, (request) => copies.has(request));
    const verdict = judge(withExpiry(aged, shape.holdMs - 2 * Math.max(0, ...skews)), {
      modelOf: (key) => stockModel(shape.pieces[Number(key.split(' ')[1])] ?? 0),
      describe: describeStock,
      most: MOST_TRIES,
    });
    return {
      lines: calls.map((call) => line(call, describeStock)),
      verdict,
      others: [...unexpected, ...rows],
    };
  },
};

/** A reservation that was refused may be made when its request arrives a second time: only what is done has its key. */
function repeated(call: StockCall, faults: readonly Fault[]): StockCall[] {
  const isTwice = faults.some((fault) => fault.kind === 'duplicates' && fault.part === 'clients');
  if (!isTwice || call.request.kind !== 'reserve' || call.answer?.kind !== 'refused') return [];
  return [{ ...call, client: `${call.client}, repeated`, end: Number.POSITIVE_INFINITY, answer: undefined }];
}

/** A reservation of which nobody was told has an id all the same, since its time ends, too. */
const unknown = (call: StockCall, place: number): StockCall =>
  call.request.kind === 'reserve' && !call.answer
    ? { ...call, answer: { kind: 'reserved', id: `unknown ${place}` } }
    : call;

const inventory =
  ({ plan: { shape } }: Setting): Program<Parts> =>
  ({ role, sql, cache, now }) => {
    const { holdMs, coalesced } = shape;
    const parts = createParts({ sql, cache, log: silent, holdMs, coalesced, copies: 10, now });
    return { parts, stops: role === 'writer' ? parts.besideWrites() : parts.besideReads() };
  };

/** The services beside the history: at the primary itself, without caches. */
function clerk(cluster: Cluster, holdMs: number, world: World) {
  const sql = cluster.direct;
  const now = () => Math.floor(EPOCH + world.now());
  const common = { sql, now, newRows: async () => '' as const, changed: async () => undefined };
  return {
    catalog: createCatalog(common),
    stock: createStock({ ...common, keys: createKeys(sql, now) }),
    reservations: createReservations({ ...common, holdMs, coalesced: false }),
  };
}

async function addProducts(cluster: Cluster, pieces: readonly number[], world: World): Promise<string[]> {
  const { catalog, stock } = clerk(cluster, 0, world);
  const ids: string[] = [];
  for (const [place, quantity] of pieces.entries()) {
    const facts = { category: 'mugs', name: `Mug ${place}`, description: 'A mug', picture: null };
    const { product } = await catalog.create({ ...facts, price: { amount: 100, currency: 'USD' } });
    await stock.write(product.id, { kind: 'received', quantity, reason: null }, 'staff', `key-of-${place}`);
    ids.push(product.id);
  }
  return ids;
}

/** Ends what is due, and compares the rows with each other and with what was answered. */
async function audit(
  cluster: Cluster,
  holdMs: number,
  world: World,
  ended: ReadonlyMap<string, string>,
): Promise<string[]> {
  await clerk(cluster, holdMs, world).reservations.expireDue();
  const differences = (await auditStock(cluster.direct)).map(
    ({ productId: _, ...numbers }) =>
      `the stock of a product is not what its rows say: ${JSON.stringify(numbers)}`,
  );
  const rows = await cluster.direct.query<{ id: string; status: string }>(
    'SELECT id, status FROM reservations',
  );
  const statuses = new Map(rows.map(({ id, status }) => [id, status]));
  const others = [...ended].filter(([id, status]) => statuses.get(id) !== status);
  return [
    ...differences,
    ...others.map(([id, status]) => `a reservation was ${status}, and its row says ${statuses.get(id)}`),
  ];
}

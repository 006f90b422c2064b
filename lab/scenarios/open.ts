import sharp from 'sharp';
import { createBook } from '../check/book';
import { judgePhotos, lookAtPhotos } from '../check/photo-history';
import { checkRows, countRows, type RowCounts, type Schemas } from '../check/rows';
import { judgeSessions } from '../check/session-history';
import { judgeStock } from '../check/stock-history';
import { inWords } from '../history/judge';
import type { Arrivals } from '../load/arrivals';
import { generate, type Load, type LoadOptions, type Step } from '../load/generator';
import { openPool, type Pool } from '../load/pool';
import { seeded } from '../load/random';
import type { LabShop } from '../servers/shop';
import { addCustomers, stockProducts } from '../servers/stock';
import { createFixtures, type Fixtures } from './fixtures';
import { ACTIONS, type Action, type ActionName, draw, type Scenario } from './scenarios';
import { uploadPhoto } from './writes';

const CONNECTIONS = 256;
const HOT_PIECES = 2000;
const CUSTOMERS = 5000;

export interface Stage {
  readonly fixtures: Fixtures;
  /** Sends these actions on schedule. */
  run(mix: Scenario['mix'], arrivals: Arrivals, options?: Partial<LoadOptions>): Promise<Load>;
  /** Number of wrong answers by error, over all loads. */
  readonly wrongAnswers: Readonly<Record<string, number>>;
  /** Resolves to the faults of the rows and of the history of calls, after all loads. */
  check(): Promise<string[]>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly products: number;
  readonly seed: number;
  readonly say: (line: string) => void;
  /** The most requests under way at a time. Default 256; more of them wait in the generator. */
  readonly connections?: number;
  /** As of `openPool`. */
  readonly waits?: boolean;
  /** Default 5000. */
  readonly customers?: number;
}

/** Stocks a running shop, and opens connections to it. */
export async function openStage(shop: LabShop, options: StageOptions): Promise<Stage> {
  const {
    products,
    seed,
    say,
    connections = CONNECTIONS,
    waits = true,
    customers: accounts = CUSTOMERS,
  } = options;
  const photos = shop.photoTable();
  const schemas: Schemas = {
    users: await shop.administer('users'),
    inventory: await shop.administer('inventory'),
    ...(photos && { photos }),
  };
  say(`Stocking ${products.toLocaleString('en')} products and ${accounts.toLocaleString('en')} customers`);
  const shelves = await stockProducts(schemas.inventory, products);
  const [hot] = await stockProducts(schemas.inventory, 1, HOT_PIECES);
  const customers = await addCustomers(schemas.users, accounts, 'customer');
  const staff = await addCustomers(schemas.users, 20, 'staff');
  if (!hot) throw new Error('There is no hot product');
  const before: RowCounts = await countRows(schemas);

  const pool = openPool({ target: shop.target, connections, waits });
  const others = new Map<string, Pool>();
  const poolOf = (origin: string): Pool => {
    const { hostname, port } = new URL(origin);
    const other =
      others.get(origin) ??
      openPool({ target: { host: hostname, port: Number(port), tls: false }, connections: 16 });
    others.set(origin, other);
    return other;
  };
  const random = seeded(seed);
  const book = createBook();
  const fixtures = createFixtures({ shelves, hot, customers, staff, random, book, poolOf });
  const actions: Record<ActionName, Action> = {
    ...(Object.fromEntries(Object.entries(ACTIONS).map(([name, { start }]) => [name, start])) as Record<
      keyof typeof ACTIONS,
      Action
    >),
    photo: uploadPhoto(await picture()),
  };

  const wrongAnswers: Record<string, number> = {};
  return {
    fixtures,
    wrongAnswers,
    run: async (mix, arrivals, options) => {
      const next = draw(mix, actions, random);
      const load = await generate({ pool, arrivals, next: (): Step => next(fixtures), ...options });
      for (const [error, times] of Object.entries(load.kinds.all?.errors ?? {})) {
        if (error.startsWith('wrong')) wrongAnswers[error] = (wrongAnswers[error] ?? 0) + times;
      }
      return load;
    },
    check: async () => {
      const history = judgeStock(book, (id) => fixtures.shelfOf.get(id)?.pieces);
      say(`History of stock: ${inWords(history)}`);
      const sessions = judgeSessions(book);
      say(`History of sessions: ${inWords(sessions)}`);
      await lookAtPhotos(schemas, book);
      const photoHistory = judgePhotos(book);
      say(`History of photos: ${inWords(photoHistory)}`);
      const wrong = [history, sessions, photoHistory].flatMap((verdict) => verdict.wrong);
      return [...(await checkRows(schemas, book, before)), ...wrong];
    },
    close: async () => {
      for (const open of [pool, ...others.values()]) open.close();
      photos?.close();
      await Promise.all([schemas.users.close(), schemas.inventory.close()]);
    },
  };
}

const picture = (): Promise<Buffer> =>
  sharp({ create: { width: 1600, height: 1200, channels: 3, background: '#a04020' } })
    .jpeg()
    .toBuffer();

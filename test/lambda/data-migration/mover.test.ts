import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { uuidv7 } from 'uuidv7';
import { createRecorder } from '../../../lab/history/history';
import { inWords, judge } from '../../../lab/history/judge';
import {
  describeStock,
  type StockAnswer,
  type StockRequest,
  stockModel,
} from '../../../lab/history/stock-model';
import type { MoveResult, Progress, Report } from '../../../lambda/data-migration/control/progress';
import { createMover, type Mover } from '../../../lambda/data-migration/mover';
import { VerificationFailedError } from '../../../lambda/data-migration/passes';
import { fileMarker } from '../../../lambda/data-migration/placement/marker-file';
import {
  type Marker,
  type Place,
  WayBackClosedError,
} from '../../../lambda/data-migration/placement/placement';
import {
  acquirePlacementLease,
  type PlacementLease,
} from '../../../lambda/data-migration/placement/placement-lease';
import { routedBlobs, routedSql } from '../../../lambda/data-migration/placement/routed-stores';
import type { Endpoint } from '../../../lambda/data-migration/sync/endpoints';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { createInventory } from '../../../lambda/inventory/service';
import { auditStock } from '../../../lambda/inventory/stock/stock-audit';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { createThumbnailWorker } from '../../../lambda/thumbnails/worker';
import { usersMigrations } from '../../../lambda/users/migrations';
import { closeWayBack } from '../../../lib/guard/way-back';
import { until } from '../../support/until';
import { contents, describeMoves, type Servers, startServers } from './migration-servers';

const quiet: Report = async () => undefined;
const log = pino({ level: 'silent' });
/** Of each product that is sold. */
const PIECES = 100_000;

/** One process of the shop, as far as data is concerned. Another one on the same world is a restart. */
interface Process {
  readonly placed: PlacementLease;
  readonly mover: Mover;
  readonly users: Sql;
  readonly inventory: Sql;
  readonly blobs: Blobs;
}

interface World {
  readonly sides: Record<Place, Endpoint & { schemas: { users: Sql; inventory: Sql } }>;
  readonly marker: Marker;
  start(options?: { chunkRows?: number; longestFreezeMs?: number; usersAlone?: boolean }): Promise<Process>;
}

describeMoves('moving the shop', (engine) => {
  let servers: Servers;

  beforeAll(async () => {
    servers = await startServers(engine);
  });

  const newWorld = async (): Promise<World> => {
    const users = await servers.emptied('users', usersMigrations);
    const inventory = await servers.emptied('inventory', inventoryMigrations);
    const blobs = await servers.blobs();
    const side = (place: Place) => ({
      schemas: { users: users[place], inventory: inventory[place] },
      blobs: blobs[place],
    });
    const sides = { box: side('box'), managed: side('managed') };
    const marker = fileMarker(servers.folder());
    return {
      sides,
      marker,
      start: async ({ chunkRows = 4, longestFreezeMs, usersAlone = false } = {}) => {
        const placed = await acquirePlacementLease(marker);
        const alone = ({ schemas: { users }, blobs }: Endpoint) =>
          ({ schemas: { users }, blobs }) as Endpoint;
        const carried = usersAlone ? { box: alone(sides.box), managed: alone(sides.managed) } : sides;
        return {
          placed,
          mover: createMover({
            sides: carried,
            placed,
            chunkRows,
            ...(longestFreezeMs && { longestFreezeMs }),
          }),
          users: routedSql(placed, users),
          inventory: routedSql(placed, inventory),
          blobs: routedBlobs(placed, blobs),
        };
      },
    };
  };

  const expectSame = async ({ box, managed }: World['sides']) => {
    for (const schema of ['users', 'inventory'] as const) {
      expect(await contents(managed.schemas[schema])).toEqual(await contents(box.schemas[schema]));
    }
    expect(await listed(managed.blobs)).toEqual(await listed(box.blobs));
  };

  test('carries everything, says what it carried, and from then on the shop writes there', async () => {
    const world = await newWorld();
    const shop = await world.start();
    await fill(shop, 10);
    const result = await shop.mover.move('managed', 'a test', { report: quiet });
    expect(result).toMatchObject({ to: 'managed', moved: true, files: 10, refused: 0 });
    expect(result.tables.find(({ name }) => name === 'users.users')).toMatchObject({ rows: 10 });
    const tables = await Promise.all(Object.values(world.sides.box.schemas).map(contents));
    expect(result.tables).toHaveLength(tables.flatMap(Object.keys).length);
    await expectSame(world.sides);
    expect((await world.marker.read())?.placement).toMatchObject({ data: 'managed', by: 'a test' });

    await addUser(shop, 'later');
    expect(await emails(world.sides.managed.schemas.users)).toContain('later');
    expect(await emails(world.sides.box.schemas.users)).not.toContain('later');
  });

  test('leaves the data there when the command is repeated', async () => {
    const world = await newWorld();
    const shop = await world.start();
    await fill(shop, 2);
    await shop.mover.move('managed', 'a test', { report: quiet });
    await addUser(shop, 'later');
    const again = await shop.mover.move('managed', 'again', { report: quiet });
    expect(again).toMatchObject({ to: 'managed', moved: false });
    expect(await emails(shop.users)).toContain('later');
  });

  test('goes back with what was written since, and there again', async () => {
    const world = await newWorld();
    const shop = await world.start();
    await fill(shop, 6);
    await shop.mover.move('managed', 'there', { report: quiet });
    await addUser(shop, 'written in the managed database');
    await shop.users.execute("DELETE FROM users WHERE email = 'user 1'");
    await shop.blobs.put('photos/late/160.webp', Buffer.from('late'), 'image/webp');
    await shop.blobs.delete('photos/1/160.webp');
    await shop.mover.move('box', 'back', { report: quiet });
    await expectSame(world.sides);
    expect(shop.placed.current()).toBe('box');
    expect(await emails(shop.users)).toContain('written in the managed database');
    expect(await emails(shop.users)).not.toContain('user 1');
    expect(await listed(world.sides.box.blobs)).toContain('photos/late/160.webp 4');
    expect(await listed(world.sides.box.blobs)).not.toContainEqual(expect.stringContaining('photos/1/'));
    await shop.mover.move('managed', 'there again', { report: quiet });
    await expectSame(world.sides);
  });

  test('does not begin to go back when the way back is closed', async () => {
    const world = await newWorld();
    const shop = await world.start();
    await fill(shop, 2);
    await shop.mover.move('managed', 'there', { report: quiet });
    await closeWayBack(world.marker);
    await addUser(shop, 'later');
    await expect(shop.mover.move('box', 'back', { report: quiet })).rejects.toThrow(WayBackClosedError);
    expect(await emails(world.sides.box.schemas.users)).not.toContain('later');
    await addUser(shop, 'goes on');
    expect(await emails(world.sides.managed.schemas.users)).toContain('goes on');
  });

  test('deletes foreign rows and files on the other side', async () => {
    const world = await newWorld();
    const shop = await world.start();
    await fill(shop, 3);
    const { schemas, blobs } = world.sides.managed;
    await schemas.users.execute("INSERT INTO deletions (user_id, due_at) VALUES ('garbage', 1)");
    await blobs.put('photos/garbage/160.webp', Buffer.from('garbage'), 'image/webp');
    // The same size, so that only a comparison of the bytes finds the difference.
    await blobs.put('photos/1/160.webp', Buffer.from('qicture 1'), 'image/webp');
    await shop.mover.move('managed', 'a test', { report: quiet });
    await expectSame(world.sides);
    expect(Buffer.from((await blobs.get('photos/1/160.webp')) ?? []).toString()).toBe('picture 1');
  });

  test('does not move when the sides are not the same in the end, says what differs, and lets the shop write', async () => {
    const world = await newWorld();
    const shop = await world.start();
    await fill(shop, 8);
    const corrupt: Report = async ({ step, table }) => {
      if (step !== 'verify' || table !== 'users.attempts') return;
      await world.sides.managed.schemas.users.execute(
        "UPDATE users SET name = 'corrupted' WHERE email = 'user 3'",
      );
    };
    const [row] = await shop.users.query<{ id: string }>("SELECT id FROM users WHERE email = 'user 3'");
    const moving = shop.mover.move('managed', 'a test', { report: corrupt });
    await expect(moving).rejects.toThrow(VerificationFailedError);
    await expect(moving).rejects.toThrow(
      `users.users differs between the sides: 8 rows here, 8 there, 1 different (${row?.id})`,
    );
    expect(shop.placed.current()).toBe('box');
    await addUser(shop, 'goes on');
    expect(await emails(world.sides.box.schemas.users)).toContain('goes on');
    await shop.mover.move('managed', 'again', { report: quiet });
    await expectSame(world.sides);
  });

  test('checks without changing anything', async () => {
    const world = await newWorld();
    const shop = await world.start();
    await fill(shop, 5);
    const before = await shop.mover.check({ report: quiet });
    expect(before).toMatchObject({ data: 'box', same: false, differentFiles: 5 });
    expect(before.tables.find(({ name }) => name === 'users.users')).toMatchObject({
      rows: 5,
      otherRows: 0,
      different: 5,
    });
    expect(await emails(world.sides.managed.schemas.users)).toEqual([]);
    expect(await listed(world.sides.managed.blobs)).toEqual([]);
    await shop.mover.move('managed', 'a test', { report: quiet });
    expect(await shop.mover.check({ report: quiet })).toMatchObject({
      data: 'managed',
      same: true,
      differentFiles: 0,
    });
    await addUser(shop, 'later');
    const after = await shop.mover.check({ report: quiet });
    expect(after.tables.filter(({ different }) => different > 0).map(({ name }) => name)).toEqual([
      'users.users',
    ]);
  });

  test('gives up rather than hold writes for long', async () => {
    const world = await newWorld();
    const shop = await world.start({ longestFreezeMs: 40 });
    await fill(shop, 2);
    const slow: Report = ({ step }) => (step === 'verify' ? sleep(100) : Promise.resolve());
    await expect(shop.mover.move('managed', 'a test', { report: slow })).rejects.toThrow(
      /0.04 s of paused writes/,
    );
    await addUser(shop, 'goes on');
    expect((await world.marker.read())?.placement.data).toBe('box');
  });

  test('ends with equal sides wherever it fails, and wherever the process is killed, when it is done again', async () => {
    const world = await newWorld();
    let shop = await world.start({ usersAlone: true });
    await fill(shop, 6);
    const steps = new Set<string>();
    let moves = 0;
    /** One row changes each time, so that a move has no more steps than the one before. */
    const write = async (email: string) => {
      await shop.users.execute("DELETE FROM users WHERE email LIKE 'written%'");
      await addUser(shop, `written ${email}`);
    };
    for (let at = 1, kill = false; ; at += kill ? 1 : 0, kill = !kill) {
      const from = shop.placed.current();
      const to = from === 'box' ? 'managed' : 'box';
      await write(`before ${at}`);
      const ended = await interrupted(shop, to, at, kill);
      if (ended === 'done') break;
      steps.add(ended.step);
      if (kill) shop = await world.start({ usersAlone: true });
      expect(shop.placed.current()).toBe((await world.marker.read())?.placement.data);
      expect(await emails(shop.users)).toContain(`written before ${at}`);
      await write(`after ${at}`);
      await shop.mover.move(to, 'again', { report: quiet });
      expect(await emails(shop.users)).toContain(`written after ${at}`);
      expect(shop.placed.current()).toBe(to);
      moves++;
    }
    expect([...steps].sort()).toEqual(['freeze', 'last rows', 'photos', 'rows', 'start', 'switch', 'verify']);
    expect(moves).toBeGreaterThan(20);
    const { box, managed } = world.sides;
    expect(await contents(managed.schemas.users)).toEqual(await contents(box.schemas.users));
    expect(await listed(managed.blobs)).toEqual(await listed(box.blobs));
  });

  test('loses nothing and doubles nothing of a shop that sells meanwhile, there and back', async () => {
    const world = await newWorld();
    const shop = await world.start({ chunkRows: 200 });
    const identify = async (token: string) => ({ userId: token, role: 'customer' as const });
    const { app, catalog, stock } = createInventory({
      sql: shop.inventory,
      identify,
      log,
      blobs: {} as Blobs,
      createPhotoWorker: createThumbnailWorker,
    });
    const products = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        const price = { amount: 100 + n, currency: 'USD' };
        const facts = { category: 'load', name: `Product ${n}`, description: 'x', price, picture: null };
        const { product } = await catalog.create(facts);
        await stock.write(
          product.id,
          { kind: 'received', quantity: PIECES, reason: null },
          'staff',
          randomUUID(),
        );
        return product.id;
      }),
    );

    const history = createRecorder<StockRequest, StockAnswer>(() => performance.now());
    const read = async (by: string, productId: string) => {
      const answered = history.begin(by, productId, { kind: 'read' });
      const { onHand, reserved } = await stock.of(productId);
      answered({ kind: 'available', pieces: onHand - reserved });
    };
    const acknowledged: { id: string; confirmed: boolean }[] = [];
    const failures: string[] = [];
    let [selling, longestMs] = [true, 0];
    const post = async (path: string, user: string, body?: unknown) => {
      const started = performance.now();
      const response = await app.request(path, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${user}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': randomUUID(),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      longestMs = Math.max(longestMs, performance.now() - started);
      if (response.status >= 300) failures.push(`${response.status} ${await response.text()}`);
      return response;
    };
    const shopper = async (n: number) => {
      for (let turn = 0; selling; turn++) {
        // Somebody else each time: one account may not hold that much.
        const user = `shopper-${String(n * 100_000 + turn).padStart(16, '0')}`;
        const productId = products[(n + turn) % products.length] ?? '';
        const quantity = 1 + (turn % 3);
        const answered = history.begin(user, productId, { kind: 'reserve', quantity });
        const reserved = await post('/api/reservations', user, { items: [{ productId, quantity }] });
        if (reserved.status !== 201) return;
        const { id } = (await reserved.json()) as { id: string };
        answered({ kind: 'reserved', id });
        const one = { id, confirmed: false };
        acknowledged.push(one);
        if (turn % 2 === 0) {
          const ended = history.begin(user, productId, { kind: 'confirm', id });
          one.confirmed = (await post(`/api/reservations/${id}/confirm`, user)).status === 200;
          if (one.confirmed) ended({ kind: 'done' });
        }
        await read(user, productId);
        await addUser(shop, `${user} ${turn}`);
      }
    };

    const shoppers = Promise.all(Array.from({ length: 12 }, (_, n) => shopper(n))).finally(() => {
      selling = false;
    });
    shoppers.catch(() => undefined);
    const sold = (count: number) => {
      const before = acknowledged.length;
      return until(() => !selling || failures.length > 0 || acknowledged.length >= before + count);
    };
    const results: MoveResult[] = [];
    try {
      await sold(100);
      for (const to of ['managed', 'box', 'managed'] as const) {
        results.push(await shop.mover.move(to, 'under load', { report: quiet }));
        await sold(50);
      }
    } finally {
      selling = false;
      await shoppers;
    }

    expect(failures).toEqual([]);
    for (const productId of products) await read('auditor', productId);
    const verdict = judge(history.calls(), { modelOf: () => stockModel(PIECES), describe: describeStock });
    expect(verdict).toMatchObject({ wrong: [], undecided: [] });
    const sql = world.sides.managed.schemas.inventory;
    const rows = await sql.query<{ id: string; status: string }>('SELECT id, status FROM reservations');
    const status = new Map(rows.map((row) => [row.id, row.status]));
    expect(rows).toHaveLength(acknowledged.length);
    const expected = acknowledged.map(({ id, confirmed }) => [id, confirmed ? 'confirmed' : 'held']);
    expect(acknowledged.map(({ id }) => [id, status.get(id)])).toEqual(expected);
    expect(await auditStock(sql)).toEqual([]);
    const moves = results.map(
      ({ frozenMs, held, passes, rowsCarried, tables }) =>
        `${tables.reduce((sum, { rows: n }) => sum + n, 0)} rows in ${passes} passes, ${rowsCarried} carried, writes held ${frozenMs} ms (${held} waited)`,
    );
    console.info(
      `${acknowledged.length} reservations, ${inWords(verdict)}, slowest write ${Math.round(longestMs)} ms\n${moves.join('\n')}`,
    );
  });
});

/** Runs a move up to its `at`-th report: there it fails, or stops for good as a killed process does. */
async function interrupted(shop: Process, to: Place, at: number, kill: boolean): Promise<Progress | 'done'> {
  let reports = 0;
  let stopped: Progress | undefined;
  return new Promise((resolve, reject) => {
    const report: Report = (progress) => {
      if (++reports !== at) return Promise.resolve();
      stopped = progress;
      if (!kill) return Promise.reject(new Error('interrupted here'));
      resolve(progress);
      return new Promise(() => undefined);
    };
    shop.mover.move(to, 'interrupted', { report }).then(
      () => resolve('done'),
      (error) => (stopped ? resolve(stopped) : reject(error)),
    );
  });
}

async function fill(shop: Process, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) {
    await addUser(shop, `user ${n}`);
    await shop.blobs.put(`photos/${n}/160.webp`, Buffer.from(`picture ${n}`), 'image/webp');
    await shop.inventory.execute('INSERT INTO product_words VALUES (?, ?)', [`word-${n % 3}`, uuidv7()]);
  }
}

const addUser = ({ users }: Process, email: string) =>
  users.execute(
    'INSERT INTO users (id, email, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    [...[uuidv7(), email, 'Zoë 🛒', 'customer', 'x'], Date.now()],
  );

const emails = async (sql: Sql) =>
  (await sql.query<{ email: string }>('SELECT email FROM users ORDER BY email')).map(({ email }) => email);

async function listed(blobs: Blobs): Promise<string[]> {
  const found: string[] = [];
  for await (const { key, bytes } of blobs.list('')) found.push(`${key} ${bytes}`);
  return found;
}

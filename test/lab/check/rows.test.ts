import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { type Book, createBook, STALE_MS } from '../../../lab/check/book';
import { checkRows, countRows, type Schemas } from '../../../lab/check/rows';
import { stockProducts } from '../../../lab/servers/stock';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { createNewRows } from '../../../lambda/inventory/month-tables';
import { photoTable } from '../../../lambda/inventory/photos/table-repository';
import { createTransitions } from '../../../lambda/inventory/reservations/reservation-transitions';
import { createReserve } from '../../../lambda/inventory/reservations/reserve';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import { createMemoryTable } from '../../../lambda/shared/tables/memory-table';
import { usersMigrations } from '../../../lambda/users/migrations';

describe('the check of rows against what was acknowledged', () => {
  let folder: string;
  let schemas: Schemas;
  let book: Book;
  let productId: string;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shop-lab-'));
    schemas = {
      users: await openSql(`file:${join(folder, 'users.db')}`),
      inventory: await openSql(`file:${join(folder, 'inventory.db')}`),
    };
    await migrate(schemas.users, usersMigrations);
    await migrate(schemas.inventory, inventoryMigrations);
    const [shelf] = await stockProducts(schemas.inventory, 1);
    productId = shelf?.id ?? '';
    book = createBook();
  });
  afterEach(async () => {
    await Promise.all([schemas.users.close(), schemas.inventory.close()]);
    rmSync(folder, { recursive: true });
  });

  const shop = () => {
    const sql = schemas.inventory;
    const newRows = createNewRows(sql, Date.now);
    const deps = { sql, now: Date.now, newRows, changed: async () => undefined };
    return {
      reserve: createReserve({ ...deps, holdMs: 60_000, coalesced: false }),
      settling: createTransitions(deps),
    };
  };
  /** Buys a piece, and notes it as a caller that got both answers does. */
  const buy = async (): Promise<string> => {
    const { reserve, settling } = shop();
    const { result } = await reserve('somebody', uuidv7(), [{ productId, quantity: 1 }]);
    book.reserved(result.id, { productId, quantity: 1, at: 0 });
    await settling.confirm('somebody', result.id);
    book.confirmed(result.id);
    return result.id;
  };

  it('finds nothing wrong when each acknowledged write is there once', async () => {
    const before = await countRows(schemas);
    await buy();
    await buy();
    expect(await checkRows(schemas, book, before)).toEqual([]);
  });

  it('finds a write that was acknowledged and is gone', async () => {
    const before = await countRows(schemas);
    const id = await buy();
    await schemas.inventory.execute('DELETE FROM reservations WHERE id = ?', [id]);
    const wrong = await checkRows(schemas, book, before);
    expect(wrong).toContain('reservations: 1 were acknowledged, 0 are unknown, and there are 0 rows');
    expect(wrong).toContain(`1 acknowledged reservations are not there, such as ${id}`);
  });

  it('finds a write that was done and not acknowledged, unless its outcome is unknown', async () => {
    const before = await countRows(schemas);
    await shop().reserve('somebody', uuidv7(), [{ productId, quantity: 1 }]);
    expect(await checkRows(schemas, book, before)).toEqual([
      'reservations: 0 were acknowledged, 0 are unknown, and there are 1 rows',
    ]);
    book.unknown('reservations');
    expect(await checkRows(schemas, book, before)).toEqual([]);
  });

  it('finds photos in the table, and those that are gone from it', async () => {
    const photos = createMemoryTable(photoTable);
    const both = { ...schemas, photos };
    const before = await countRows(both);
    const key = { productId, id: uuidv7() };
    await photos.put({ ...key, status: 'ready' });
    await photos.put({ productId, id: uuidv7(), status: 'waiting' });
    await photos.put({ productId: 'placement', id: 'progress', moved: 1 });
    book.photo(key.id);
    expect(await checkRows(both, book, before)).toEqual([]);
    await photos.delete(key);
    expect(await checkRows(both, book, before)).toEqual([
      'photos: 1 were acknowledged, 0 are unknown, and there are 0 rows',
      `1 acknowledged photos are not there, such as ${key.id}`,
    ]);
  });

  it('finds stock that is not what the ledger says', async () => {
    const before = await countRows(schemas);
    await schemas.inventory.execute('UPDATE stock SET on_hand = on_hand - 1');
    expect(await checkRows(schemas, book, before)).toEqual([
      expect.stringMatching(/^stock: .*"onHand":999999/),
    ]);
  });

  it('finds a confirmation that the row does not know of', async () => {
    const before = await countRows(schemas);
    const id = await buy();
    await schemas.inventory.execute("UPDATE reservations SET status = 'released' WHERE id = ?", [id]);
    expect(await checkRows(schemas, book, before)).toContain(
      `1 acknowledged confirmations are not there, such as ${id}`,
    );
  });
});

describe('the book', () => {
  it('refuses an id that was given to two buyers', () => {
    const book = createBook();
    const purchase = { productId: 'a', quantity: 1, at: 0 };
    book.reserved('1', purchase);
    expect(() => book.reserved('1', purchase)).toThrow('the reservation 1 was given to two buyers');
  });

  it('bounds what may be available: not less than everybody asked for, not more than long acknowledged', () => {
    const book = createBook();
    for (const n of [1, 2, 3]) {
      book.attempts('a', 1);
      book.reserved(String(n), { productId: 'a', quantity: 1, at: n * 1000 });
    }
    expect(book.available('a', 10, 3000)).toEqual([7, 10]);
    expect(book.available('a', 10, 2500 + STALE_MS)).toEqual([7, 8]);
    expect(book.available('b', 10, 0)).toEqual([10, 10]);
  });
});

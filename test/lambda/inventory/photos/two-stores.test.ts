import { createPhotoMove } from '../../../../lambda/inventory/photos/move';
import {
  MAX_UNFINISHED,
  type NewPhoto,
  type PhotoStore,
} from '../../../../lambda/inventory/photos/photo-store';
import { type PhotoPlace, placePhotos } from '../../../../lambda/inventory/photos/placement';
import { LEAVING, photoTable } from '../../../../lambda/inventory/photos/table-repository';
import { createTwoPhotoStores } from '../../../../lambda/inventory/photos/two-stores';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import type { Table } from '../../../../lambda/shared/tables/table';
import { type Engine, engines } from '../../../support/engines';
import { tableKinds } from '../../shared/tables/tables';
import { both, openRows } from './photo-stores';

const [sqlite] = engines() as [Engine];
const [inMemory] = tableKinds as [(typeof tableKinds)[number]];
const PHOTO: NewPhoto = {
  ...{ id: 'a photo', productId: 'a product', bytes: 3, type: 'image/png', sha256: 'x', expiresAt: 5 },
};

describe('a photo of two stores', () => {
  let sql: Sql;
  let table: Table;
  beforeEach(async () => {
    sql = await openRows(sqlite);
    table = await inMemory.open(photoTable);
  });
  afterEach(() => sql.close());

  const moveTo = async (place: PhotoPlace) => {
    await placePhotos(table, place);
    await createPhotoMove({ sql, table, now: Date.now })();
  };

  test.each([
    ['sql', 'table'],
    ['table', 'sql'],
  ] as const)('that leaves %s and comes back during a change is changed all the same', async (home, away) => {
    const { rows, items, store } = both(sql, table);
    await placePhotos(table, home);
    await store.insert(PHOTO, 1, 700);
    let late = 0;
    const startProcessing: PhotoStore['startProcessing'] = async (...args) => {
      if (late++ > 0) return (home === 'sql' ? rows : items).startProcessing(...args);
      await moveTo(away);
      const changed = await (home === 'sql' ? rows : items).startProcessing(...args);
      await moveTo(home);
      return changed;
    };
    const stores =
      home === 'sql' ? [{ ...rows, startProcessing }, items] : [rows, { ...items, startProcessing }];
    const [asRows, asItems] = stores as [typeof rows, typeof items];
    expect(await createTwoPhotoStores(asRows, asItems, table).startProcessing(PHOTO, 800)).toBe(true);
    expect(late).toBe(2);
    expect(await store.find(PHOTO)).toMatchObject({ status: 'processing' });
  });

  /** In SQL, with a copy in the table: the row changed before it could go. */
  const copied = async () => {
    await placePhotos(table, 'table');
    const exclusively: Sql['exclusively'] = (_name, work) =>
      work({ query: sql.query, execute: async () => 0 });
    await createPhotoMove({ sql: { query: sql.query, exclusively }, table, now: Date.now })();
  };
  const listed = async (store: PhotoStore) =>
    (await store.ofProduct(PHOTO.productId)).map(({ id, status }) => `${id}: ${status}`);

  test('that was removed when the table had a copy of it is not listed', async () => {
    const { store } = both(sql, table);
    await placePhotos(table, 'sql');
    await store.insert(PHOTO, 1, 700);
    await copied();
    await store.startDeleting(PHOTO, 900);
    expect(await listed(store)).toEqual([]);
  });

  test('that leaves SQL while it is listed is listed as it is, not as an earlier copy of it', async () => {
    const { rows, items, store } = both(sql, table);
    await placePhotos(table, 'sql');
    await store.insert(PHOTO, 1, 700);
    await copied();
    await store.startProcessing(PHOTO, 800);
    const ofProduct: PhotoStore['ofProduct'] = async (productId) => {
      const found = await items.ofProduct(productId);
      await moveTo('table');
      return found;
    };
    const beside = createTwoPhotoStores(rows, { ...items, ofProduct }, table);
    expect(await listed(beside)).toEqual(['a photo: processing']);
    expect(await listed(store)).toEqual(['a photo: processing']);
  });

  test('that stays between them is given up for now after twenty looks in a second', async () => {
    const { rows, items, store } = both(sql, table);
    await placePhotos(table, 'table');
    await store.insert(PHOTO, 1, 700);
    let looks = 0;
    const stuck = { ...items, startProcessing: async () => ++looks < 0 };
    const leaving: Table = { ...table, get: async () => ({ productId: PHOTO.productId, [LEAVING]: 'yes' }) };
    await expect(
      createTwoPhotoStores(rows, stuck, leaving).startProcessing(PHOTO, 800),
    ).rejects.toMatchObject({ name: 'PhotoBetweenStoresError', retryAfterSeconds: 5 });
    expect(looks).toBe(20);
  });

  test.each(['sql', 'table'] as const)(
    'of which too many attempts never ended is refused one more in %s',
    async (home) => {
      const { store } = both(sql, table);
      await placePhotos(table, home);
      await store.insert(PHOTO, 1, 700);
      await store.startProcessing(PHOTO, 800);
      for (let attempt = 0; attempt < MAX_UNFINISHED; attempt++)
        expect(await store.beginAttempt(PHOTO, 800)).toBe(true);
      expect(await store.beginAttempt(PHOTO, 800)).toBe(false);
    },
  );
});

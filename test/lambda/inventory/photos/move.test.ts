import { randomUUID } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { createRecorder } from '../../../../lab/history/history';
import { inWords, judge } from '../../../../lab/history/judge';
import {
  describePhoto,
  type PhotoAnswer,
  type PhotoRequest,
  photoModel,
} from '../../../../lab/history/photo-model';
import { createPhotoMove } from '../../../../lambda/inventory/photos/move';
import type { Photo } from '../../../../lambda/inventory/photos/photo';
import type { NewPhoto, PhotoStore } from '../../../../lambda/inventory/photos/photo-store';
import { moveProgress, type PhotoPlace, placePhotos } from '../../../../lambda/inventory/photos/placement';
import { photoTable } from '../../../../lambda/inventory/photos/table-repository';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import type { Table } from '../../../../lambda/shared/tables/table';
import { engines } from '../../../support/engines';
import { createMortality, MOMENTS } from '../../../support/mortality';
import { ROUNDS } from '../../../support/rounds';
import { tableKinds } from '../../shared/tables/tables';
import { both, openRows } from './photo-stores';

const now = () => 1234;

describe.each(engines())('the move of photos between $name and a table', (engine) => {
  let sql: Sql;
  let table: Table;
  let store: PhotoStore;
  beforeEach(async () => {
    sql = await openRows(engine);
    await sql.execute('DELETE FROM photos');
    table = await (tableKinds[0] as (typeof tableKinds)[number]).open(photoTable);
    store = both(sql, table).store;
  });
  afterEach(() => sql.close());

  const add = async (): Promise<NewPhoto> => {
    const photo = {
      id: uuidv7(),
      productId: randomUUID(),
      bytes: 3,
      type: 'image/png',
      sha256: 'x',
      expiresAt: 5,
    };
    await store.insert(photo, 1, 700);
    return photo;
  };
  const rows = () => sql.query<{ id: string }>('SELECT id FROM photos ORDER BY id');
  const items = async () => {
    const found = [];
    for await (const item of table.scan()) if (item.status) found.push(item);
    return found;
  };
  const all = (photos: readonly NewPhoto[]) => Promise.all(photos.map((photo) => store.find(photo)));
  const moveAll = async (move = createPhotoMove({ sql, table, now })) => {
    while ((await move()) > 0);
  };

  test('moves nothing until it is asked for, and everything then, there and back, unchanged and counted', async () => {
    const photos = await Promise.all(Array.from({ length: 120 }, add));
    const [ready, waiting, refused] = photos as [NewPhoto, NewPhoto, NewPhoto];
    for (const photo of [ready, refused]) await store.startProcessing(photo, 800);
    await store.setSizes(ready, [{ width: 160, height: 9 }]);
    await store.makeReady(ready, 900);
    await store.refuse(refused, 'too large', 900);
    const before = await all(photos);
    await moveAll();
    expect([(await rows()).length, (await items()).length]).toEqual([120, 0]);

    await placePhotos(table, 'table');
    await moveAll();
    expect([(await rows()).length, (await items()).length]).toEqual([0, 120]);
    expect(await all(photos)).toEqual(before);
    expect(await moveProgress(table)).toEqual({ moved: 120, left: 0, at: 1234 });
    // A photo that is due is due there as well.
    expect((await store.claimDue(700, 1000)).length).toBe(100);
    await add();
    expect(await rows()).toEqual([]);

    await placePhotos(table, 'sql');
    await moveAll();
    expect([(await rows()).length, (await items()).length]).toEqual([121, 0]);
    expect(await all(photos)).toEqual(before);
    expect(await store.find(waiting)).toMatchObject({ status: 'waiting' });
  });

  test('says after a pass that some are left, and only at the end that none is', async () => {
    for (let n = 0; n < 101; n++) await add();
    await placePhotos(table, 'table');
    const move = createPhotoMove({ sql, table, now });
    expect(await move()).toBe(100);
    expect((await moveProgress(table))?.left).toBeGreaterThan(0);
    expect(await move()).toBe(1);
    expect(await moveProgress(table)).toEqual({ moved: 101, left: 0, at: 1234 });
  });

  /** A move that is killed at its n-th step. */
  const mortalMove = (last: number, moment: (typeof MOMENTS)[number]) => {
    const { isDead, mortal } = createMortality(last, moment);
    const dying: Pick<Sql, 'query' | 'exclusively'> = {
      query: mortal(sql.query) as Sql['query'],
      exclusively: (name, work) =>
        sql.exclusively(name, ({ query, execute }) =>
          work({ query: mortal(query) as Sql['query'], execute: mortal(execute) }),
        ),
    };
    const dyingTable: Table = {
      ...table,
      get: mortal(table.get),
      put: mortal(table.put),
      update: mortal(table.update),
      delete: mortal(table.delete),
    };
    return { move: createPhotoMove({ sql: dying, table: dyingTable, now }), isDead };
  };

  test.each<PhotoPlace>(['table', 'sql'])(
    'killed at any step on the way to %s, it loses and doubles nothing',
    async (place) => {
      await placePhotos(table, place === 'table' ? 'sql' : 'table');
      for (let last = 1, survived = false; !survived; last++) {
        for (const moment of MOMENTS) {
          const photo = await add();
          await placePhotos(table, place);
          const { move, isDead } = mortalMove(last, moment);
          await move().catch((error) => expect(error.message).toBe('killed'));
          survived ||= !isDead();
          // Somebody goes on with the photo before the move does, or, where that has frozen it, waits for it.
          const going = store.startProcessing(photo, 800);
          if (place === 'table') await going;
          await moveAll();
          expect(await going).toBe(true);
          expect(await store.find(photo)).toMatchObject({ status: 'processing' });
          const [inRows, inItems] = [(await rows()).length, (await items()).length];
          expect(place === 'table' ? [inRows, inItems] : [inItems, inRows]).toEqual([0, 1]);
          await store.startDeleting(photo, 1);
          await store.drop(photo);
          expect([await rows(), await items()]).toEqual([[], []]);
          await placePhotos(table, place === 'table' ? 'sql' : 'table');
        }
      }
    },
    60_000,
  );

  test('a photo that goes after a move died with its copy does not come back', async () => {
    const photo = await add();
    await placePhotos(table, 'table');
    // Steps: the placement, the rows, a copy that may be there, the row, the copy.
    await mortalMove(5, 'after')
      .move()
      .catch(() => undefined);
    expect([(await rows()).length, (await items()).length]).toEqual([1, 1]);
    await store.startDeleting(photo, 1);
    await store.drop(photo);
    expect(await store.find(photo)).toBeUndefined();
  });

  /** Holds calls of `pass` back until they are let go. */
  const gate = () => {
    let [holds, goOn] = [() => {}, () => {}];
    const isHeld = new Promise<void>((resolve) => {
      holds = resolve;
    });
    const mayGoOn = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const pass = async () => {
      holds();
      await mayGoOn;
    };
    return { isHeld, pass, goOn };
  };

  test('a pass that was slow does not write its copy over what came after it', async () => {
    const photo = await add();
    await placePhotos(table, 'table');
    await mortalMove(5, 'after')
      .move()
      .catch(() => undefined);
    const { isHeld, pass, goOn } = gate();
    const heldTable: Table = {
      ...table,
      put: async (item, condition) => {
        if (item.id === photo.id) await pass();
        return table.put(item, condition);
      },
    };
    // It loses its lock, with its connection.
    const lost: Sql = { ...sql, exclusively: (_name, work) => work(sql) };
    const slow = createPhotoMove({ sql: lost, table: heldTable, now })();
    await isHeld;
    await moveAll();
    expect(await store.startProcessing(photo, 800)).toBe(true);
    goOn();
    await slow;
    expect(await store.find(photo)).toMatchObject({ status: 'processing' });
  });

  /** A pass that is held before its first statement of a kind. */
  const heldPass = (kind: 'DELETE' | 'INSERT') => {
    const { isHeld, pass, goOn } = gate();
    const held: Pick<Sql, 'query' | 'exclusively'> = {
      query: sql.query,
      exclusively: (name, work) =>
        sql.exclusively(name, (session) =>
          work({
            query: session.query,
            execute: async (statement, values) => {
              if (statement.startsWith(kind)) await pass();
              return session.execute(statement, values);
            },
          }),
        ),
    };
    const done = createPhotoMove({ sql: held, table, now })();
    return { isHeld, goOn, done };
  };
  /** Gives another pass the time to end, if it does not wait. */
  const another = async () => {
    const done = createPhotoMove({ sql, table, now })();
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 300))]);
    return { done };
  };

  test('a photo is not lost when it shall come back just as the row of its copy goes', async () => {
    const photo = await add();
    await placePhotos(table, 'table');
    const there = heldPass('DELETE');
    await there.isHeld;
    await placePhotos(table, 'sql');
    const back = await another();
    there.goOn();
    await Promise.all([there.done, back.done]);
    await moveAll();
    expect(await store.startProcessing(photo, 800)).toBe(true);
    expect([(await rows()).length, (await items()).length]).toEqual([1, 0]);
  });

  test('a pass back that is slow does not bring back what a photo was before', async () => {
    const photo = await add();
    await placePhotos(table, 'table');
    await moveAll();
    await placePhotos(table, 'sql');
    const slow = heldPass('INSERT');
    await slow.isHeld;
    const other = await another();
    const going = store.startProcessing(photo, 800).catch(() => false);
    await placePhotos(table, 'table');
    const there = await another();
    slow.goOn();
    await Promise.all([slow.done, other.done, there.done]);
    const isProcessing = await going;
    await moveAll();
    expect(await store.find(photo)).toMatchObject({ status: isProcessing ? 'processing' : 'waiting' });
    expect([(await rows()).length, (await items()).length]).toEqual([0, 1]);
  });

  test('photos live on while they are moved there and back: every change is seen, and none is lost', async () => {
    const words: string[] = [];
    for (let round = 0; round < 5 * ROUNDS; round++) {
      const history = photoHistory(store);
      const photos = await Promise.all(Array.from({ length: 12 }, () => history.begin(add)));
      let moving = true;
      const movers = [1, 2].map(async () => {
        const move = createPhotoMove({ sql, table, now });
        while (moving) {
          await move();
          // SQLite and a table in memory answer without a turn of the event loop, and timers need one.
          await new Promise(setImmediate);
        }
      });
      const places = (async () => {
        for (let turn = 0; moving; turn++) {
          await placePhotos(table, turn % 2 ? 'sql' : 'table');
          await new Promise((resolve) => setTimeout(resolve, 30));
        }
      })();
      const readers = (['find', 'list', 'find', 'list'] as const).map(async (way) => {
        for (let turn = 0; moving; turn++) {
          await history.look(way, photos[turn % photos.length] as NewPhoto);
          await new Promise(setImmediate);
        }
      });
      const live = async (photo: NewPhoto, n: number): Promise<Photo | undefined> => {
        const change = (kind: PhotoRequest['kind'], changed: () => Promise<boolean>) =>
          history.change(kind, photo, changed);
        await change('complete', () => store.startProcessing(photo, 800));
        for (let attempt = 0; attempt < 4; attempt++) {
          expect(await store.beginAttempt(photo, 800 + attempt)).toBe(true);
          expect(await store.endAttempt(photo)).toBe(true);
        }
        const sizes = [{ width: 160, height: 9 }];
        expect(await store.setSizes(photo, sizes)).toBe(true);
        await change('finish', () => store.makeReady(photo, 900));
        const ready = await store.find(photo);
        if (n % 3 === 0) await change('remove', () => store.startDeleting(photo, 1000));
        return ready;
      };
      const ended = await Promise.all(photos.map(live)).finally(() => {
        moving = false;
      });
      await Promise.all([...movers, ...readers, places]);
      for (const photo of photos) await history.look('list', photo);
      const verdict = history.verdict();
      expect(verdict).toMatchObject({ wrong: [], undecided: [] });
      words.push(inWords(verdict));
      expect(ended.every((photo) => photo?.status === 'ready' && photo.sizes.length === 1)).toBe(true);
      const everywhere = [...(await rows()), ...(await items())].map(({ id }) => id);
      for (const { id } of photos) expect(everywhere).toContain(id);
    }
    console.info(words.join('\n'));
  }, 60_000);
});

/** Changes of photos that somebody makes, and looks at them. */
function photoHistory(store: PhotoStore) {
  const recorder = createRecorder<PhotoRequest, PhotoAnswer>(() => performance.now());
  return {
    begin: async (add: () => Promise<NewPhoto>) => {
      const photo = await add();
      recorder.begin('owner', photo.id, { kind: 'begin' })({ kind: 'done' });
      return photo;
    },
    change: async (kind: PhotoRequest['kind'], { id }: NewPhoto, changed: () => Promise<boolean>) => {
      const answered = recorder.begin('owner', id, { kind });
      answered({ kind: (await changed()) ? 'done' : 'refused' });
    },
    look: async (way: 'find' | 'list', photo: NewPhoto) => {
      const answered = recorder.begin(way, photo.id, { kind: 'look' });
      const found = way === 'find' ? await store.find(photo) : (await store.ofProduct(photo.productId)).at(0);
      const status = found?.status ?? 'none';
      answered({ kind: 'seen', status: status === 'deleting' ? 'none' : status });
    },
    verdict: () => judge(recorder.calls(), { modelOf: () => photoModel, describe: describePhoto }),
  };
}

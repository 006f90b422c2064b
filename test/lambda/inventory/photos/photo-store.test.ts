import { randomUUID } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import {
  MAX_UNFINISHED,
  type NewPhoto,
  type PhotoStore,
} from '../../../../lambda/inventory/photos/photo-store';
import { photoStoreKinds } from './photo-stores';

describe.each(photoStoreKinds())('a store of photos ($name)', ({ open }) => {
  let store: PhotoStore;
  beforeAll(async () => {
    store = await open();
  });

  const add = async (productId = randomUUID(), dueAt = 9e12): Promise<NewPhoto> => {
    const photo = {
      id: uuidv7(),
      productId,
      bytes: 3,
      type: 'image/png',
      sha256: 'x'.repeat(44),
      expiresAt: 5e12,
    };
    await store.insert(photo, 1000, dueAt);
    return photo;
  };
  const status = async (photo: NewPhoto) => (await store.find(photo))?.status;

  test('keeps what was declared', async () => {
    const photo = await add();
    const expected = {
      ...photo,
      status: 'waiting',
      reason: null,
      sizes: [],
      unfinished: 0,
      pictureDue: false,
    };
    expect(await store.find(photo)).toEqual(expected);
    expect(await store.find({ ...photo, productId: randomUUID() })).toBeUndefined();
    expect(await store.find({ ...photo, id: uuidv7() })).toBeUndefined();
  });

  test('leads a photo through its life, each step once', async () => {
    const photo = await add();
    expect(await store.makeReady(photo, 1)).toBe(false);
    expect(await store.startProcessing(photo, 9e12)).toBe(true);
    expect(await store.startProcessing(photo, 9e12)).toBe(false);
    const sizes = [
      { width: 160, height: 90 },
      { width: 320, height: 180 },
    ];
    expect(await store.setSizes(photo, sizes)).toBe(true);
    expect(await store.makeReady(photo, 9e12)).toBe(true);
    const ready = await store.find(photo);
    expect(ready).toMatchObject({ status: 'ready', sizes, pictureDue: true });
    if (!ready) throw new Error('It is ready');
    expect(await store.pictureFollowed(ready)).toBe(true);
    expect(await store.settled(ready, null)).toBe(true);
    expect(await store.refuse(photo, 'late', 1)).toBe(false);
    expect(await store.startDeleting(photo, 9e12)).toBe(true);
    expect(await store.startDeleting(photo, 9e12)).toBe(false);
    expect(await store.find(photo)).toMatchObject({ status: 'deleting', pictureDue: true });
    expect(await store.drop(photo)).toBe(true);
    expect(await store.drop(photo)).toBe(false);
    expect(await store.find(photo)).toBeUndefined();
  });

  test('lets one of two concurrent changes win', async () => {
    const photo = await add();
    await store.startProcessing(photo, 9e12);
    const ends = await Promise.all([store.makeReady(photo, 9e12), store.refuse(photo, 'no', 9e12)]);
    expect(ends.filter(Boolean)).toHaveLength(1);
    expect(await status(photo)).toBe(ends[0] ? 'ready' : 'refused');
  });

  test('counts attempts that never ended, and allows no sixth', async () => {
    const photo = await add();
    expect(await store.beginAttempt(photo, 9e12)).toBe(false);
    await store.startProcessing(photo, 9e12);
    for (let attempt = 1; attempt <= MAX_UNFINISHED; attempt++)
      expect(await store.beginAttempt(photo, 9e12)).toBe(true);
    expect(await store.beginAttempt(photo, 9e12)).toBe(false);
    await store.endAttempt(photo);
    expect(await store.beginAttempt(photo, 9e12)).toBe(true);
  });

  test('lists the photos of a product, oldest first, without those that go', async () => {
    const productId = randomUUID();
    const photos = [await add(productId), await add(productId), await add(productId)];
    await add();
    await store.startDeleting(photos[1] as NewPhoto, 9e12);
    expect((await store.ofProduct(productId)).map(({ id }) => id)).toEqual([photos[0]?.id, photos[2]?.id]);
  });

  test('gives overdue photos to one of several that ask, and again only when they are due again', async () => {
    const due = [await add(undefined, 500), await add(undefined, 600)];
    const later = await add(undefined, 800);
    const done = await add(undefined, 400);
    const found = await store.find(done);
    if (found) await store.settled(found, null);
    const claims = await Promise.all([1, 2, 3].map(() => store.claimDue(700, 900)));
    expect(
      claims
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(due.map(({ id }) => id).sort());
    expect((await store.claimDue(850, 950)).map(({ id }) => id)).toEqual([later.id]);
    expect((await store.claimDue(900, 9e12)).map(({ id }) => id).sort()).toEqual(
      due.map(({ id }) => id).sort(),
    );
    expect((await store.claimDue(1000, 9e12)).map(({ id }) => id)).toEqual([later.id]);
  });
});

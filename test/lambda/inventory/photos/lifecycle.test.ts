import type { Blobs } from '../../../../lambda/shared/blobs/blobs';
import { render as renderForReal } from '../../../../lambda/thumbnails/render';
import { engines } from '../../../support/engines';
import { until } from '../../../support/until';
import { addPhoto, declare, openShop, requestAndUpload, type Shop, smallPhoto } from './shop';

/** A quarter of an hour to begin an upload, and an hour for one that began in time. */
const UPLOAD_HOURS = 1.25;

describe.each(engines())('the life of photos on $name', (engine) => {
  let shop: Shop;
  let photo: Buffer;
  beforeAll(async () => {
    shop = await openShop(engine);
    photo = await smallPhoto();
  });

  const filesOf = (id: string) => shop.files().filter((key) => key.includes(id));
  const renditionsOf = (id: string) => [`photos/${id}/160.webp`, `photos/${id}/200.webp`];
  const statusOf = async (productId: string, id: string) =>
    (await shop.rows(productId)).find((row) => row.id === id)?.status;

  it('keeps the upload until nobody may upload to its key any more, and forgets it then', async () => {
    const service = shop.start();
    const productId = await shop.product();
    const id = await addPhoto(service, shop, productId);
    expect(filesOf(id)).toEqual([...renditionsOf(id), `uploads/${id}`]);
    shop.hoursLater(UPLOAD_HOURS - 0.05);
    await service.sweep();
    expect(filesOf(id)).toContain(`uploads/${id}`);
    shop.hoursLater(0.1);
    await service.sweep();
    expect(filesOf(id)).toEqual(renditionsOf(id));
    expect(await shop.rows(productId)).toEqual([{ id, status: 'ready', due_at: null }]);
    expect(await service.sweep()).toBe(0);
  });

  it('forgets an upload that was never completed, and never one that still may be', async () => {
    const service = shop.start();
    const productId = await shop.product();
    const id = await requestAndUpload(service.photos, shop.blobs, productId, photo);
    shop.hoursLater(UPLOAD_HOURS - 0.05);
    await service.sweep();
    expect(await statusOf(productId, id)).toBe('waiting');
    shop.hoursLater(0.1);
    await service.sweep();
    expect(await shop.rows(productId)).toEqual([]);
    expect(filesOf(id)).toEqual([]);
    await expect(service.photos.complete(productId, id)).rejects.toThrow(
      expect.objectContaining({ name: 'NoSuchPhotoError' }),
    );
  });

  it('shows the newest ready photo, and the one before it when that is deleted', async () => {
    const service = shop.start();
    const productId = await shop.product();
    const older = await addPhoto(service, shop, productId);
    const newer = await addPhoto(service, shop, productId);
    expect(await shop.pictureOf(productId)).toBe(`/media/photos/${newer}/200.webp`);
    await service.photos.remove(productId, newer);
    expect(await shop.pictureOf(productId)).toBe(`/media/photos/${older}/200.webp`);
    expect(filesOf(newer)).toEqual([]);
    await service.photos.remove(productId, newer);
    await service.photos.remove(productId, older);
    expect(await shop.pictureOf(productId)).toBeNull();
    expect(await service.photos.list(productId)).toEqual([]);
    shop.hoursLater(2);
    await service.sweep();
    expect(await shop.rows(productId)).toEqual([]);
  });

  it('shows the newest of several that become ready at the same time', async () => {
    const service = shop.start();
    const productId = await shop.product();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++)
      ids.push(await requestAndUpload(service.photos, shop.blobs, productId, photo));
    await Promise.all(ids.map((id) => service.photos.complete(productId, id)));
    const settled = async () =>
      (
        await shop.sql.query<{ n: number }>(
          `SELECT COUNT(*) AS n FROM photos WHERE product_id = ? AND status = 'ready' AND picture_due = 0`,
          [productId],
        )
      )[0]?.n === 5;
    await until(settled);
    expect(await shop.pictureOf(productId)).toBe(`/media/photos/${ids.at(-1)}/200.webp`);
  });

  it('shows the newest also when an older one is slower to say that it is ready', async () => {
    const productId = await shop.product();
    let newerIsShown: () => void = () => undefined;
    const shown = new Promise<void>((resolve) => {
      newerIsShown = resolve;
    });
    let slowed = false;
    const slow = shop.start({
      setPicture: async (...given) => {
        slowed = true;
        await shown;
        await shop.setPicture(...given);
      },
    });
    const older = await requestAndUpload(slow.photos, shop.blobs, productId, photo);
    await slow.photos.complete(productId, older);
    await until(async () => slowed);
    const newer = await addPhoto(shop.start(), shop, productId);
    const stop = slow.background();
    newerIsShown();
    await stop();
    expect(await shop.pictureOf(productId)).toBe(`/media/photos/${newer}/200.webp`);
  });

  it('shows the photo that staff chose, also when newer ones come, until it is deleted', async () => {
    const productId = await shop.product();
    const service = shop.start();
    const [first, second] = [
      await addPhoto(service, shop, productId),
      await addPhoto(service, shop, productId),
    ];
    await service.photos.choose(productId, first);
    await service.photos.choose(productId, first);
    const third = await addPhoto(service, shop, productId);
    expect(await shop.pictureOf(productId)).toBe(`/media/photos/${first}/200.webp`);
    expect(await shop.galleryOf(productId)).toEqual([first, third, second]);
    expect(await service.photos.main(productId)).toBe(first);
    await service.photos.remove(productId, first);
    expect(await shop.pictureOf(productId)).toBe(`/media/photos/${third}/200.webp`);
    expect(await shop.galleryOf(productId)).toEqual([third, second]);
  });

  it('makes no photo the main one before it is ready, or of another product', async () => {
    const [productId, other] = [await shop.product(), await shop.product()];
    const service = shop.start();
    const id = await requestAndUpload(service.photos, shop.blobs, productId, photo);
    await expect(service.photos.choose(productId, id)).rejects.toThrow('is not ready');
    await expect(service.photos.choose(other, id)).rejects.toThrow('has no photo');
  });

  it('leaves a picture that staff chose alone when a photo is deleted that never was one', async () => {
    const service = shop.start();
    const productId = await shop.product();
    await shop.setPicture(productId, '/pictures/mug.svg');
    const id = await requestAndUpload(service.photos, shop.blobs, productId, photo);
    await service.photos.remove(productId, id);
    expect(await shop.pictureOf(productId)).toBe('/pictures/mug.svg');
    expect(filesOf(id)).toEqual([]);
  });

  it.each([
    ['soon', 0, 'deleting'],
    ['late, when its row goes at once', 2, undefined],
  ])('leaves nothing of a photo that is deleted while it is processed: %s', async (_, hours, status) => {
    const productId = await shop.product();
    let removed: Promise<void> | undefined;
    let stored = 0;
    const blobs: Blobs = {
      ...shop.blobs,
      put: async (key, bytes, type) => {
        removed ??= service.photos.remove(productId, key.split('/')[1] as string);
        await removed;
        await shop.blobs.put(key, bytes, type);
        stored++;
      },
    };
    const service = shop.start({ blobs });
    const id = await requestAndUpload(service.photos, shop.blobs, productId, photo);
    shop.hoursLater(hours);
    await service.photos.complete(productId, id);
    await until(async () => stored === 2 && filesOf(id).length === 0);
    expect(await statusOf(productId, id)).toBe(status);
    expect(await shop.pictureOf(productId)).toBeNull();
  });

  it('refuses bytes that are not the announced ones, even if the store accepted them', async () => {
    const service = shop.start({ blobs: { ...shop.blobs, get: async () => Buffer.from('something else') } });
    const productId = await shop.product();
    const id = await requestAndUpload(service.photos, shop.blobs, productId, photo);
    await service.photos.complete(productId, id);
    await until(async () => (await statusOf(productId, id)) === 'refused');
    expect((await service.photos.list(productId))[0]?.reason).toContain('differs from the declared one');
  });

  it('tries again when the store fails, and again after it was given up', async () => {
    let failures = 3;
    const put: Blobs['put'] = async (...given) => {
      if (failures-- > 0) throw new Error('the store is down');
      await shop.blobs.put(...given);
    };
    const service = shop.start({ blobs: { ...shop.blobs, put } });
    const productId = await shop.product();
    const first = await addPhoto(service, shop, productId);
    expect(await statusOf(productId, first)).toBe('ready');

    failures = Number.POSITIVE_INFINITY;
    const second = await requestAndUpload(service.photos, shop.blobs, productId, photo);
    await service.photos.complete(productId, second);
    await until(async () => service.dead.length === 1);
    expect(service.dead[0]?.job).toEqual({ id: second, productId });
    expect(await statusOf(productId, second)).toBe('processing');
    failures = 0;
    await service.sweep();
    expect(await statusOf(productId, second)).toBe('processing');
    shop.hoursLater(0.5);
    await service.sweep();
    await until(async () => (await shop.pictureOf(productId))?.includes(second));
  });

  it('refuses a file after it ended five processes that read it', async () => {
    const productId = await shop.product();
    const client = shop.start();
    const id = await requestAndUpload(client.photos, shop.blobs, productId, photo);
    let ended = 0;
    const render = () => {
      ended++;
      return new Promise<never>(() => undefined);
    };
    await shop.start({ render }).photos.complete(productId, id);
    for (let died = 1; died <= 5; died++) {
      await until(async () => ended === died);
      expect(await statusOf(productId, id)).toBe('processing');
      shop.start({ render }).background();
    }
    await until(async () => (await statusOf(productId, id)) === 'refused');
    expect(ended).toBe(5);
    expect((await client.photos.list(productId))[0]?.reason).toContain('cannot be read');
  });

  it('is swept by several processes at once, each photo by one', async () => {
    const deleted: string[] = [];
    const blobs: Blobs = {
      ...shop.blobs,
      delete: async (key) => {
        deleted.push(key);
        await shop.blobs.delete(key);
      },
    };
    const first = shop.start({ blobs });
    const services = [first, shop.start({ blobs }), shop.start({ blobs }), shop.start({ blobs })];
    const productId = await shop.product();
    const ids: string[] = [];
    for (let i = 0; i < 10; i++) ids.push(await requestAndUpload(first.photos, shop.blobs, productId, photo));
    shop.hoursLater(2);
    await Promise.all(services.map((service) => service.sweep()));
    await first.sweep();
    expect(await shop.rows(productId)).toEqual([]);
    expect(deleted.filter((key) => ids.some((id) => key.includes(id))).sort()).toEqual(
      ids.map((id) => `uploads/${id}`).sort(),
    );
  });

  it('works twice at once on the same photo, to the same end', async () => {
    const productId = await shop.product();
    const [one, other] = [shop.start(), shop.start()];
    const id = await requestAndUpload(one.photos, shop.blobs, productId, photo);
    await Promise.all([one, other, one, other].map(({ photos }) => photos.complete(productId, id)));
    await until(async () => (await shop.pictureOf(productId))?.includes(id));
    shop.hoursLater(2);
    // The slower worker may be about to write while a sweep runs: the next sweep finds its files.
    await until(async () => {
      await one.sweep();
      return (await shop.rows(productId)).some((row) => row.due_at === null);
    });
    expect(filesOf(id)).toEqual(renditionsOf(id));
    expect(await shop.rows(productId)).toEqual([{ id, status: 'ready', due_at: null }]);
  });

  it('goes on with the others when one photo cannot be settled', async () => {
    const [broken, fine] = [await shop.product(), await shop.product()];
    const setPicture = async (productId: string, picture: string | null) => {
      if (productId === broken) throw new Error('no');
      await shop.setPicture(productId, picture);
    };
    const service = shop.start({ setPicture });
    const id = await requestAndUpload(service.photos, shop.blobs, broken, photo);
    await service.photos.complete(broken, id);
    await until(async () => service.dead.length === 1);
    await addPhoto(service, shop, fine);
    shop.hoursLater(2);
    await service.sweep();
    expect((await shop.rows(fine))[0]?.due_at).toBeNull();
    expect((await shop.rows(broken))[0]?.due_at).not.toBeNull();
    shop.hoursLater(1);
    await shop.start().sweep();
    expect(await shop.pictureOf(broken)).toContain(id);
  });

  it('stops when the picture that is processed is done', async () => {
    let begun = false;
    const service = shop.start({
      render: (bytes) => {
        begun = true;
        return renderForReal(bytes);
      },
    });
    const stop = service.background();
    const productId = await shop.product();
    const id = await requestAndUpload(service.photos, shop.blobs, productId, photo);
    await service.photos.complete(productId, id);
    await until(async () => begun);
    await stop();
    expect(await statusOf(productId, id)).toBe('ready');
    await expect(service.photos.request(productId, declare(photo))).resolves.toBeDefined();
  });
});

import type { PhotoPipeline } from '../../../../lambda/inventory/photos/pipeline';
import type { Blobs } from '../../../../lambda/shared/blobs/blobs';
import type { Sql, Statements } from '../../../../lambda/shared/sql/sql';
import { render } from '../../../../lambda/thumbnails/render';
import { engines } from '../../../support/engines';
import { createMortality, MOMENTS } from '../../../support/mortality';
import { until } from '../../../support/until';
import { addPhoto, openShop, requestAndUpload, type Shop, settled, smallPhoto } from './shop';

describe.each(engines())('a process killed at any step on $name', (engine) => {
  let shop: Shop;
  let photo: Buffer;
  beforeAll(async () => {
    shop = await openShop(engine);
    photo = await smallPhoto();
  });

  /** Everything that must be so in the end. */
  const expectEnd = async (productId: string, ready: readonly string[], allIds: readonly string[]) => {
    const picture = ready.at(-1);
    expect(await shop.pictureOf(productId)).toBe(picture ? `/media/photos/${picture}/200.webp` : null);
    const files = shop.files().filter((key) => allIds.some((id) => key.includes(id)));
    expect(files).toEqual(ready.flatMap((id) => [`photos/${id}/160.webp`, `photos/${id}/200.webp`]).sort());
    expect((await shop.rows(productId)).filter(({ status }) => status !== 'refused')).toEqual(
      ready.map((id) => ({ id, status: 'ready', due_at: null })),
    );
  };

  /** Runs one life after the other, each killed one step later, until one lives to its end. */
  async function killAtEveryStep(scenario: (start: StartMortal) => Promise<void>): Promise<number> {
    for (let step = 1; ; step++) {
      let survived = false;
      for (const moment of MOMENTS) {
        const mortality = createMortality(step, moment);
        await scenario(async (live) => {
          const service = shop.start(mortalDeps(shop, mortality));
          const stop = service.background();
          await Promise.race([live(service, mortality.isDead), mortality.death]).catch((error) => {
            if (!mortality.isDead()) throw error;
          });
          survived ||= !mortality.isDead();
          await stop().catch(() => undefined);
        });
      }
      if (survived) return step;
    }
  }
  type Live = (service: PhotoPipeline, isDead: () => boolean) => Promise<unknown>;
  type StartMortal = (live: Live) => Promise<void>;

  const isStatus = async (productId: string, id: string, wanted: string) =>
    (await shop.rows(productId)).some((row) => row.id === id && row.status === wanted);

  const somethingIsDue = async () =>
    (await shop.sql.query("SELECT id FROM photos WHERE due_at IS NOT NULL AND status <> 'refused'")).length >
    0;

  /** Another process starts, the client repeats its unanswered request, and time passes. */
  const recover = async (finish: (service: PhotoPipeline) => Promise<void>) => {
    const service = shop.start();
    const stop = service.background();
    await finish(service);
    // A sweep may meet the work of the background, and leaves that for a later one.
    for (let sweeps = 0; sweeps < 2 || (await somethingIsDue()); sweeps++) {
      shop.hoursLater(3);
      await service.sweep();
    }
    await stop();
  };

  it('makes a photo ready all the same, once, and leaves no file behind', async () => {
    const steps = await killAtEveryStep(async (start) => {
      const productId = await shop.product();
      const id = await requestAndUpload(shop.start().photos, shop.blobs, productId, photo);
      await start(async ({ photos }, isDead) => {
        await photos.complete(productId, id);
        await until(async () => isDead() || (await settled(shop, id)));
      });
      await recover(async ({ photos }) => {
        await photos.complete(productId, id);
        await until(() => isStatus(productId, id, 'ready'));
      });
      await expectEnd(productId, [id], [id]);
    });
    expect(steps).toBeGreaterThan(15);
  });

  it('refuses a hostile file all the same', async () => {
    await killAtEveryStep(async (start) => {
      const productId = await shop.product();
      const id = await requestAndUpload(shop.start().photos, shop.blobs, productId, Buffer.from('<svg/>'));
      await start(async ({ photos }, isDead) => {
        await photos.complete(productId, id);
        await until(async () => isDead() || (await settled(shop, id)));
      });
      await recover(async ({ photos }) => {
        await photos.complete(productId, id);
        await until(() => isStatus(productId, id, 'refused'));
      });
      await expectEnd(productId, [], [id]);
    });
  });

  it('leaves nothing of an upload whose request was never answered', async () => {
    await killAtEveryStep(async (start) => {
      const productId = await shop.product();
      await start(async ({ photos }) => requestAndUpload(photos, shop.blobs, productId, photo));
      const asked = (await shop.rows(productId)).map((row) => row.id);
      await recover(async () => undefined);
      await expectEnd(productId, [], asked);
    });
  });

  it('deletes a photo all the same, and shows the one before', async () => {
    await killAtEveryStep(async (start) => {
      const productId = await shop.product();
      const living = shop.start();
      const older = await addPhoto(living, shop, productId);
      const newer = await addPhoto(living, shop, productId);
      await start(async ({ photos }) => photos.remove(productId, newer));
      await recover(async ({ photos }) => photos.remove(productId, newer));
      await expectEnd(productId, [older], [older, newer]);
    });
  });

  it('leaves a sweep that its successor finishes', async () => {
    await killAtEveryStep(async (start) => {
      const productId = await shop.product();
      const living = shop.start();
      const ready = await addPhoto(living, shop, productId);
      const never = await requestAndUpload(living.photos, shop.blobs, productId, photo);
      const gone = await addPhoto(living, shop, productId);
      await living.photos.remove(productId, gone);
      await until(() => settled(shop, ready));
      shop.hoursLater(2);
      await start(async (service) => service.sweep());
      await recover(async () => undefined);
      await expectEnd(productId, [ready], [ready, never, gone]);
    });
  });
});

/** The dependencies of a process that dies. */
const mortalDeps = (
  { sql, blobs, setPicture }: Shop,
  { mortal }: Pick<ReturnType<typeof createMortality>, 'mortal'>,
) => ({
  sql: {
    ...sql,
    query: mortal(sql.query) as Statements['query'],
    execute: mortal(sql.execute),
  } satisfies Sql,
  blobs: {
    ...blobs,
    put: mortal(blobs.put),
    get: mortal(blobs.get),
    head: mortal(blobs.head),
    delete: mortal(blobs.delete),
    uploadTicket: mortal(blobs.uploadTicket),
  } satisfies Blobs,
  setPicture: mortal(setPicture),
  render: mortal(render),
});

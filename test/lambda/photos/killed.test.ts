import type { PhotoService } from '../../../lambda/photos/service';
import type { Blobs } from '../../../lambda/shared/blobs';
import type { Sql, Statements } from '../../../lambda/shared/sql';
import { render } from '../../../lambda/thumbnails/render';
import { engines } from '../../support/engines';
import { addPhoto, openShop, requestAndUpload, type Shop, smallPhoto, until } from './shop';

/** Whether a process dies before it took its last step, or after it but before it could know. */
const MOMENTS = ['before', 'after'] as const;
type Moment = (typeof MOMENTS)[number];

describe.each(engines())('a process killed at any step on $name', (engine) => {
  let shop: Shop;
  let photo: Buffer;
  beforeAll(async () => {
    shop = await openShop(engine);
    photo = await smallPhoto();
  });
  afterAll(async () => {
    await shop.close();
    await engine.stop();
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
          const service = shop.start(mortality.deps(shop));
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
  type Live = (service: PhotoService, isDead: () => boolean) => Promise<unknown>;
  type StartMortal = (live: Live) => Promise<void>;

  const isStatus = async (productId: string, id: string, wanted: string) =>
    (await shop.rows(productId)).some((row) => row.id === id && row.status === wanted);

  /** Another process starts, the client repeats what it was not answered, and time passes. */
  const recover = async (finish: (service: PhotoService) => Promise<void>) => {
    const service = shop.start();
    const stop = service.background();
    await finish(service);
    shop.hoursLater(3);
    await service.sweep();
    shop.hoursLater(3);
    await service.sweep();
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

  it('leaves nothing of an upload that was asked for and never answered', async () => {
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

  it('sweeps up after itself', async () => {
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

/** Whether nothing is left to do for a photo but to forget its upload. */
async function settled({ sql }: Shop, id: string): Promise<boolean> {
  const rows = await sql.query(
    `SELECT id FROM photos WHERE id = ? AND status IN ('ready', 'refused') AND picture_due = 0 AND due_at > expires_at`,
    [id],
  );
  return rows.length === 1;
}

/** Counts what a process does to the world, and lets it do nothing more after its last step. */
function createMortality(lastStep: number, moment: Moment) {
  let steps = 0;
  let die: (reason: Error) => void = () => undefined;
  const death = new Promise<never>((_, reject) => {
    die = reject;
  });
  death.catch(() => undefined);
  const isDead = () => steps >= lastStep;
  const killed = () => new Error('killed');

  const mortal =
    <Args extends unknown[], Result>(step: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (isDead()) throw killed();
      steps++;
      if (isDead()) {
        // Whoever was first to die is dead before the step's effect is seen.
        if (moment === 'after') await step(...args);
        die(killed());
        throw killed();
      }
      const result = await step(...args);
      if (isDead()) throw killed();
      return result;
    };

  return {
    death,
    isDead,
    deps: ({ sql, blobs, setPicture }: Shop) => ({
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
    }),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { faultNamed } from '../../lab/faults/faults';
import { poisson } from '../../lab/load/arrivals';
import { seeded } from '../../lab/load/random';
import { openStage, type Stage } from '../../lab/scenarios/open';
import { cacheLookups } from '../../lab/servers/cache';
import { type LabShop, openLabShop } from '../../lab/servers/shop';
import { type Phase, phaseNumbered } from '../../lib/phases';
import { serversOf } from '../local/phase-servers';
import { eventually } from '../support/until';

const phase4 = phaseNumbered(4) as Phase;
const say = () => undefined;
const MIX = { product: 14, 'front page': 3, profile: 2, buy: 1 } as const;
const RATE = 40;
const BEFORE_S = 1;
const AFTER_S = 3;

(serversOf(4) ? describe : describe.skip)('phase 4 under load', () => {
  let shop: LabShop;
  let stage: Stage;
  beforeAll(async () => {
    shop = await openLabShop({ phase: phase4, say });
    stage = await openStage(shop, { products: 300, seed: 4, say });
  }, 240_000);
  afterAll(async () => {
    try {
      await stage?.close();
    } finally {
      await shop?.close();
    }
  }, 120_000);

  const hits = async () => (await cacheLookups(shop)).hits;

  it.each(['kill-cache', 'freeze-cache', 'fill-cache', 'lock-cache', 'kill-reader', 'freeze-reader'])(
    '%s: shoppers notice no error, and the cache answers again by itself',
    async (name) => {
      const fault = faultNamed(name);
      if (!fault) throw new Error(`There is no fault ${name}`);
      const seconds = BEFORE_S + fault.seconds + AFTER_S;
      const happens = (async () => {
        await sleep(BEFORE_S * 1000);
        const undo = await fault.inject(shop);
        await sleep(fault.seconds * 1000);
        await undo();
      })();
      const load = await stage.run(
        MIX,
        poisson(() => RATE, RATE, seconds, seeded(name.length)),
      );
      await happens;
      expect(load.kinds.all?.errors).toEqual({});
      const before = await hits();
      await eventually(async () => {
        await stage.run(
          { product: 1 },
          poisson(() => RATE, RATE, 1, seeded(1)),
        );
        expect(await hits()).toBeGreaterThan(before);
      });
    },
    180_000,
  );

  it('has exactly the rows that were acknowledged, after all of that', async () => {
    expect(await stage.check()).toEqual([]);
    expect(stage.wrongAnswers).toEqual({});
  }, 60_000);
});

import { join } from 'node:path';
import { generate, type Step } from '../../lab/load/generator';
import { openPool } from '../../lab/load/pool';
import { describeWith } from '../host/support';
import { closing } from '../support/cleanup';
import { until } from '../support/until';
import { inspectTiers } from './inspect-tiers';
import { logIn } from './shop-client';
import { folder, opened, type RunningShop, removeFolders, served } from './shop-process';

describeWith('mariadbd', 'nginx')('npm start -- --phase 5 --servers', () => {
  const data = join(folder(), 'data');
  let shop: RunningShop;
  const inspected = inspectTiers(data, () => shop.out());

  beforeAll(async () => {
    shop = await opened(served(data, 5));
  }, 180_000);
  afterAll(() => shop?.stop());
  afterAll(removeFolders);

  const sizes = () => [...shop.out().matchAll(/Read API \d+ → (\d+):/g)].map(([, size]) => Number(size));
  const processes = () => inspected.record().processes.filter(({ mark }) => /read-\d+$/.test(mark)).length;

  it('adds read processes under load and removes them afterwards, and no request fails', async () => {
    const customer = await logIn(shop.url, 'customer');
    const grown = () => sizes().some((size) => size > 2) && processes() > 2;
    const shrunk = () => sizes().at(-1) === 2 && processes() === 2;
    const loads = [await callers(24, 0, grown), await callers(2, 40, shrunk)];
    for (const { kinds } of loads) expect(kinds.all?.errors).toEqual({});
    expect(shop.out()).toMatch(/Read API 2 → [34]: (eventLoop|cpu)Percent [\d.]+, /);
    expect(shop.out()).toMatch(/Read API [34] → 2: /);
    const changes = shop
      .out()
      .split('\n')
      .filter((line) => line.includes('→'));
    expect(changes.filter((line) => line.length > 80)).toEqual([]);
    expect((await customer.ask('GET', '/api/users/me')).status).toBe(200);

    /** Callers that each ask again after a pause when they are answered, so that they cannot ask for too much. */
    function callers(count: number, pauseMs: number, isOver: () => boolean) {
      const target = { host: '127.0.0.1', port: Number(new URL(shop.url).port), tls: false };
      const pool = closing(openPool({ target, connections: count }));
      let [sent, ended] = [0, 0];
      const start = performance.now();
      function* arrivals(): Iterable<number> {
        // A moment ago is at once: the generator's clock starts a little later than this one.
        for (;;) yield performance.now() - start + (sent - ended < count ? pauseMs - 10 : 5);
      }
      const read = (path: string): Step => ({
        ...{ kind: 'read', method: 'GET', path },
        headers: {
          Authorization: `Bearer ${customer.token}`,
          // The web tier limits the requests of one address.
          'X-Forwarded-For': `198.51.100.${(sent % 250) + 1}`,
        },
        check: ({ status }) => (status === 200 ? undefined : `${status}`),
      });
      return generate({
        ...{ pool, arrivals: arrivals(), timeoutMs: 60_000, stop: isOver },
        next: () => {
          sent++;
          return read(sent % 10 === 0 ? '/api/users/me' : `/api/products?limit=100&q=${sent.toString(36)}`);
        },
        onResult: () => {
          ended++;
        },
      });
    }
  }, 300_000);

  it('leaves nothing behind', async () => {
    const { processes: recorded } = inspected.record();
    expect(await shop.stop()).toBe(0);
    await until(() => recorded.every(({ pid }) => !isAlive(pid)));
  }, 60_000);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

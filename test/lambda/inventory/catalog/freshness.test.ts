import fc from 'fast-check';
import { createCatalog } from '../../../../lambda/inventory/catalog/service';
import { inventoryMigrations } from '../../../../lambda/inventory/migrations';
import type { Cache } from '../../../../lambda/shared/cache/cache';
import { CACHE_POLICY } from '../../../../lambda/shared/cache/cache-policy';
import { createMemoryCache } from '../../../../lambda/shared/cache/memory-cache';
import { migrate } from '../../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../../lambda/shared/sql/sql';
import { engines } from '../../../support/engines';
import { MUG } from '../shop';
import { availableIn, type Process, startProcess } from './processes';

const BOUND_MS = CACHE_POLICY.product.shared.freshMs + CACHE_POLICY.product.process.ttlMs;

/** From the time stamp of a change on. */
const LONGEST_COMMIT_MS = 11_000;

/** Two processes that read and write, and one that reads slowly. */
const TWO = fc.nat(1);
const PRODUCT = fc.nat(1);
const steps = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('read' as const), by: TWO, product: PRODUCT }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('write' as const), by: TWO, product: PRODUCT }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), by: TWO, product: PRODUCT }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('begin', 'end', 'stamp', 'commit'), product: PRODUCT }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('cut', 'join'), by: TWO }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('relay' as const), by: TWO }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart', 'nothing') }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  },
);

describe.each(engines().slice(0, 1))('processes with one database and one cache, on $name', (engine) => {
  let sql: Sql;
  beforeAll(async () => {
    sql = await engine.open('freshness');
    await migrate(sql, inventoryMigrations);
  });

  test('never show what was replaced longer ago than the bound, and count each step back', async () => {
    const seen = { reads: 0, stale: 0, back: 0 };
    const runs = fc.asyncProperty(
      fc.array(steps, { minLength: 40, maxLength: 120, size: 'max' }),
      async (taken) => {
        let time = Date.now();
        const now = () => time;
        let server = createMemoryCache({ now });
        const shared: Cache = {
          get: (...args) => server.get(...args),
          put: (...args) => server.put(...args),
          expire: (...args) => server.expire(...args),
          lock: (...args) => server.lock(...args),
          unlock: (...args) => server.unlock(...args),
          close: async () => undefined,
        };
        const [a, b, slow] = [0, 1, 2].map(() => startProcess(sql, shared, { now, ticks: now })) as [
          Process,
          Process,
          Process,
        ];
        const catalog = createCatalog({ sql, now, changed: async () => undefined });
        const ids = [(await catalog.create(MUG)).product.id, (await catalog.create(MUG)).product.id];
        /** The times at which the units of each product came. */
        const history = ids.map(() => [time]);
        /** Of each product, as each process has shown it last. */
        const shown = new Map<string, number>();
        let back = 0;
        let release: () => void = () => undefined;
        let underWay: Promise<unknown> | undefined;
        /** Of changes that are not committed yet. */
        const stamps: (number | undefined)[] = [];
        const end = async () => {
          release();
          await underWay;
          underWay = undefined;
        };

        const read = async (by: number, process: Process, product: number) => {
          const available = Number(await process.read(ids[product] as string));
          const replaced = history[product]?.[available + 1];
          seen.reads += 1;
          if (replaced !== undefined) seen.stale += 1;
          expect(replaced === undefined || time - replaced <= BOUND_MS).toBe(true);
          if (available < (shown.get(`${by} ${product}`) ?? 0)) back += 1;
          shown.set(`${by} ${product}`, available);
        };

        for (const step of taken) {
          const id = ids['product' in step ? step.product : 0] as string;
          const process = 'by' in step && step.by === 1 ? b : a;
          switch (step.kind) {
            case 'read':
              await read(step.by, process, step.product);
              break;
            case 'write':
            case 'die':
              history[step.product]?.push(time);
              if (step.kind === 'write') {
                await process.receive(id);
                shown.set(`${step.by} ${step.product}`, (history[step.product]?.length ?? 0) - 1);
              } else await process.receiveAndDie(id);
              break;
            case 'begin': {
              await end();
              slow.gate = new Promise<void>((resolve) => {
                release = resolve;
              });
              const { queries } = slow;
              underWay = slow.responses.product(id, true).then(availableIn);
              while (slow.queries === queries) await new Promise(setImmediate);
              break;
            }
            case 'end':
              await end();
              break;
            case 'stamp':
              stamps[step.product] = time;
              break;
            case 'commit': {
              const stamp = stamps[step.product] ?? time;
              if (time - stamp > LONGEST_COMMIT_MS) break;
              history[step.product]?.push(time);
              await a.receiveAndDie(id, stamp);
              break;
            }
            case 'restart':
              server = createMemoryCache({ now });
              break;
            case 'cut':
            case 'join':
              process.cut = step.kind === 'cut';
              break;
            case 'relay':
              await process.relay();
              break;
            case 'wait':
              time += step.ms;
          }
        }
        await end();
        seen.back += back;
        expect(a.responses.stats().wentBack + b.responses.stats().wentBack).toBe(back);
      },
    );
    await fc.assert(runs, { numRuns: 100 });
    // Otherwise the test has tested nothing.
    expect(seen.reads).toBeGreaterThan(500);
    expect(seen.stale).toBeGreaterThan(20);
  }, 120_000);
});

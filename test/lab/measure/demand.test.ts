import type { Load } from '../../../lab/load/generator';
import { COUNTER_NAMES, type DatabaseCounters } from '../../../lab/measure/database';
import { type Instruments, measureDemands } from '../../../lab/measure/demand';

const NONE = Object.fromEntries(COUNTER_NAMES.map((name) => [name, 0])) as DatabaseCounters;
const latency = (p99: number) => ({ p50: 0, p90: 0, p99, p999: 0, max: 0 });

const loadOf = (requests: number, lagMs: number): Load => ({
  seconds: 1,
  kinds: { all: { requests, corrected: latency(1), uncorrected: latency(1), errors: {} } },
  lag: latency(lagMs),
  generatorUs: 1,
  generatorCpu: 0.1,
});

/** Requests are sent late, since the machine is busy. */
const instruments = (sent = (arrivals: number) => arrivals) =>
  ({
    shop: { processes: () => ({}) },
    stage: { run: async (_: unknown, arrivals: Iterable<number>) => loadOf(sent([...arrivals].length), 50) },
    database: { read: async () => NONE },
    idle: {},
  }) as unknown as Instruments;

const rounds = [{ name: 'product', mix: { product: 1 }, rate: 100, seconds: 2 }];

describe('a demand', () => {
  test('is of all requests, however late they were sent', async () => {
    const { product } = await measureDemands(instruments(), rounds, 4);
    expect(product?.requests).toBe(4 * 200);
  });

  test('of no request is no figure', async () => {
    const nothing = measureDemands(
      instruments(() => 0),
      rounds,
      4,
    );
    await expect(nothing).rejects.toThrow('No request was sent');
  });
});

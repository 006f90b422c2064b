import { processLoadSince } from '../../../lambda/hosts/process-load';

const counters = (arrived: number, refused: number, underWayMs: number) => ({
  arrived,
  refused,
  refusedCritical: 0,
  underWayMs: () => underWayMs,
});

it('says nothing about the time before its first look, in which a process starts', () => {
  expect(processLoadSince(counters(10, 5, 1000))()).toBeUndefined();
});

it('measures how busy the thread was since the last look, and the share of requests that were refused', async () => {
  const seen = { arrived: 100, refused: 100, refusedCritical: 0, underWayMs: 0 };
  const load = processLoadSince({
    get arrived() {
      return seen.arrived;
    },
    get refused() {
      return seen.refused;
    },
    get refusedCritical() {
      return seen.refusedCritical;
    },
    underWayMs: () => seen.underWayMs,
  });
  load();
  const start = performance.now();
  // Busy for a while in one turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve));
  while (performance.now() - start < 50);
  seen.arrived += 200;
  seen.refused += 50;
  seen.refusedCritical += 2;
  seen.underWayMs += 1_000_000;
  const busy = load();
  expect(busy?.eventLoopPercent).toBeGreaterThan(50);
  expect(busy?.eventLoopPercent).toBeLessThanOrEqual(100);
  expect(busy?.refusedPercent).toBe(25);
  expect(busy?.refusedCriticalPercent).toBe(1);
  expect(busy?.requestsUnderWay).toBeGreaterThan(0);
  expect(load()?.refusedPercent).toBe(0);
});

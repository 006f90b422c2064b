import { messagePause, retryDelay } from '../../../../lambda/shared/runtime/retry-delay';
import { ATTEMPTS } from '../../../../lambda/thumbnails/queue-limits';

const luckiest = () => 0;
const unluckiest = () => 1;

test('retries are anywhere up to a cap that doubles, and at most a minute apart', () => {
  expect([1, 2, 3].map((attempt) => retryDelay(attempt, 100, unluckiest))).toEqual([100, 200, 400]);
  expect(retryDelay(3, 100, luckiest)).toBe(0);
  expect(retryDelay(30, 100, unluckiest)).toBe(60_000);
});

test('a message waits for half of a cap at least, which grows fourfold, and a minute at most', () => {
  const pauses = (random: () => number) => [1, 2, 3, 4, 9].map((n) => messagePause(n, 4000, random));
  expect(pauses(luckiest)).toEqual([2000, 8000, 30_000, 30_000, 30_000]);
  expect(pauses(unluckiest)).toEqual([4000, 16_000, 60_000, 60_000, 60_000]);
  expect(messagePause(1, 4000, () => 0.5)).toBe(3000);
});

test('F8: a photo outlives a minute without its store, and is tried again within two and a half, at any luck', () => {
  const pauses = (random: () => number) =>
    Array.from({ length: ATTEMPTS - 1 }, (_, n) => messagePause(n + 1, 4000, random)).reduce(
      (sum, pause) => sum + pause,
    );
  expect(pauses(luckiest)).toBeGreaterThan(60_000);
  expect(pauses(unluckiest)).toBeLessThanOrEqual(150_000);
});

import { EXPIRED_FOR_MS, MAX_CLOCK_LEAD_MS, MAX_FILL_AGE_MS } from '../../../../lambda/shared/cache/cache';
import {
  CACHE_POLICY,
  type CacheRule,
  REPAIR,
  type SharedRule,
} from '../../../../lambda/shared/cache/cache-policy';

const shared = Object.entries(CACHE_POLICY as Record<string, CacheRule>).flatMap(([kind, rule]) =>
  rule.shared ? [{ kind, ...rule, shared: rule.shared }] : [],
);
const longest = ({ ttlMs }: SharedRule) => 1.1 * ttlMs;
const shortest = ({ ttlMs }: SharedRule) => 0.9 * ttlMs;

/** The longest that a transaction takes from setting the time of its change to its end. */
const LONGEST_TRANSACTION_MS = 5000;

describe.each(shared)('the shared entries of $kind', ({ shared: rule, process, droppedBy }) => {
  test('name the changes that drop them', () => {
    expect(droppedBy).toBeTruthy();
  });

  test('outlive the copies in the processes, or they would save nothing', () => {
    expect(shortest(rule)).toBeGreaterThan(process?.ttlMs ?? 0);
  });

  test('are refreshed before the shortest of them ends, and not at each read', () => {
    const { refreshAfterMs, strategies } = rule;
    expect(refreshAfterMs !== undefined).toBe(strategies.includes('refresh-ahead'));
    if (refreshAfterMs === undefined) return;
    expect(refreshAfterMs).toBeLessThan(shortest(rule));
    expect(refreshAfterMs).toBeGreaterThan(rule.ttlMs / 2);
  });

  test('end by their age where no writer replaces them', () => {
    if (rule.strategies.includes('write-through')) return;
    expect(rule.freshMs).toBeLessThanOrEqual(longest(rule));
  });

  test('are trusted through two failed repairs where a writer replaces them', () => {
    if (!rule.strategies.includes('write-through')) return;
    const slowest = 1.5 * REPAIR.everyMs;
    expect(rule.freshMs).toBeGreaterThan(3 * slowest + REPAIR.readEveryMs);
  });
});

test('a copy of a session is used for half a minute at most after an end that the cache did not hear of', () => {
  expect(CACHE_POLICY.session.shared.freshMs).toBeLessThanOrEqual(30_000);
});

test('an unknown id is forgotten within a minute', () => {
  expect(longest(CACHE_POLICY.missingProduct.shared)).toBeLessThan(60_000);
});

test('products and unknown ids, which share their keys, are trusted equally long', () => {
  expect(CACHE_POLICY.missingProduct.shared.freshMs).toBe(CACHE_POLICY.product.shared.freshMs);
});

test('a repair looks back further than a change or a load can hide', () => {
  expect(REPAIR.overlapMs).toBeGreaterThan(LONGEST_TRANSACTION_MS + MAX_FILL_AGE_MS + MAX_CLOCK_LEAD_MS);
});

test('a version that was expired is refused until no look covers its change any more', () => {
  expect(EXPIRED_FOR_MS).toBeGreaterThan(REPAIR.overlapMs + MAX_FILL_AGE_MS + MAX_CLOCK_LEAD_MS);
});

test('the cache is given up later than a repair is handed over, and before the longest life', () => {
  expect(REPAIR.giveUpAfterMs).toBeGreaterThan(10 * REPAIR.everyMs);
  expect(REPAIR.giveUpAfterMs).toBeLessThan(shortest(CACHE_POLICY.product.shared));
});

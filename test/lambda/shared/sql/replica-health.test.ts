import { MAX_FILL_AGE_MS } from '../../../../lambda/shared/cache/cache';
import {
  judged,
  REPLICA_LIMITS,
  type ReplicaHealth,
  stateOf,
  UNKNOWN,
} from '../../../../lambda/shared/sql/replica-health';
import { ENDED_MS } from '../../../../lambda/users/sessions/session-copies';

const limits = REPLICA_LIMITS;
const T = 1_000_000;

/** After an answer, or none, at a time; the newest beat anywhere is as new as the time, unless it is given. */
const after = (health: ReplicaHealth, now: number, beat: number | undefined, newest = now) =>
  judged(health, beat, { newest, now, limits });

test('a replica answers reads from its first answer on, and not before', () => {
  expect(stateOf(UNKNOWN, T, limits)).toBe('out');
  expect(stateOf(after(UNKNOWN, T, T), T, limits)).toBe('used');
});

test.each([
  ['does not answer', undefined],
  ['is further behind than the limit', T - limits.lag - 1],
])('a replica that %s is left out at once', (_what, beat) => {
  const well = after(UNKNOWN, T - 1000, T - 1000);
  expect(stateOf(after(well, T, beat), T, limits)).toBe('out');
  expect(stateOf(after(UNKNOWN, T, beat), T, limits)).toBe('out');
});

test('a replica at the limit is used', () => {
  expect(stateOf(after(UNKNOWN, T, T - limits.lag), T, limits)).toBe('used');
});

test('D6: a reader is two seconds behind at most, and a value that it loaded meanwhile is not kept', () => {
  const used = [2000, 2001].map((behind) => stateOf(after(UNKNOWN, T, T - behind), T, limits));
  expect(used).toEqual(['used', 'out']);
  expect(limits.recovery).toBeGreaterThan(MAX_FILL_AGE_MS);
  expect(limits.recovery).toBeLessThan(2 * MAX_FILL_AGE_MS);
});

test('writers that are silent for a moment make no replica look late: it has the newest beat there is', () => {
  const silence = T - limits.age + limits.lag + 1;
  expect(stateOf(after(UNKNOWN, T, silence, silence), T, limits)).toBe('used');
  expect(stateOf(after(UNKNOWN, T, silence - limits.lag - 1, silence), T, limits)).toBe('out');
});

test('a replica that shows nothing newer than half a minute is left out, even if no server shows anything newer', () => {
  const well = after(UNKNOWN, T, T);
  const stuck = after(well, T + limits.age, T, T);
  expect(stateOf(stuck, T + limits.age, limits)).toBe('used');
  expect(stateOf(stuck, T + limits.age + 1, limits)).toBe('out');
  const longer = after(stuck, T + limits.age + 1, T, T);
  expect(stateOf(longer, T + limits.age + 1, limits)).toBe('out');
  expect(stateOf(after(UNKNOWN, T + limits.age + 1, T, T), T + limits.age + 1, limits)).toBe('out');
});

test('a replica that grew too old is used again when it has been well for a while', () => {
  const late = T + limits.age + 100;
  for (const old of [after(UNKNOWN, T, T), after(after(UNKNOWN, T, T), late - 1, T, T)]) {
    expect(stateOf(after(old, late, late), late, limits)).toBe('recovering');
  }
});

test('SQL that answers for a session is younger than half the time for which its end is remembered', () => {
  expect(limits.age).toBeLessThanOrEqual(ENDED_MS / 2);
});

test('a replica that was left out is used again when it has been well for a while', () => {
  const out = after(after(UNKNOWN, T, T), T + 1, undefined);
  const well = after(out, T + 100, T + 100);
  expect(stateOf(well, T + 100, limits)).toBe('recovering');
  const stillWell = after(well, T + 100 + limits.recovery, T + limits.recovery);
  expect(stateOf(stillWell, T + 99 + limits.recovery, limits)).toBe('recovering');
  expect(stateOf(stillWell, T + 100 + limits.recovery, limits)).toBe('used');
});

test('a replica that fails again while it recovers begins anew', () => {
  const failing = [undefined, T, undefined, T + 3000].reduce<ReplicaHealth>(
    (health, beat, n) => after(health, T + n * 1000, beat),
    UNKNOWN,
  );
  expect(stateOf(failing, T + 3000 + limits.recovery - 1, limits)).toBe('recovering');
  expect(stateOf(failing, T + 3000 + limits.recovery, limits)).toBe('used');
});

test('what a replica showed last is remembered while it does not answer, and what it shows counts if that is older', () => {
  const well = after(UNKNOWN, T, T);
  expect(after(well, T + 1000, undefined).beat).toBe(T);
  expect(after(well, T + 1000, T - 500).beat).toBe(T - 500);
});

test('a fault is seen within a second', () => {
  // A replica that answers late is asked again after one and a half intervals.
  expect(limits.answer + 1.5 * limits.interval).toBeLessThan(1000);
});

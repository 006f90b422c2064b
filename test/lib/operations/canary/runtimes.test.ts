import { CANARY_RUNTIME, CANARY_RUNTIMES } from '../../../../lib/operations/canary/runtimes';

const DAY = 86_400_000;

it('runs on a runtime that AWS supports for two months yet: later, nobody can deploy a canary', () => {
  const { ends } = CANARY_RUNTIMES[CANARY_RUNTIME] ?? { ends: 'never listed' };
  expect(ends).toMatch(/^\d{4}-\d\d-\d\d$/);
  const days = (Date.parse(ends) - Date.now()) / DAY;
  // Take the newest of the table that the runbook's section "The canary fails" names.
  expect([CANARY_RUNTIME, days > 60]).toEqual([CANARY_RUNTIME, true]);
});

it('uses the newest runtime that the table has', () => {
  const newest = Object.entries(CANARY_RUNTIMES).sort(([, a], [, b]) => b.ends.localeCompare(a.ends))[0];
  expect(newest?.[0]).toBe(CANARY_RUNTIME);
});

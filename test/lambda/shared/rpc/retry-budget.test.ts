import { createRetryBudget } from '../../../../lambda/shared/rpc/retry-budget';

test('allows a tenth of the calls a retry, and the ten that were saved up', () => {
  const { earn, spend } = createRetryBudget();
  let retried = 0;
  for (let n = 0; n < 1000; n++) {
    earn();
    if (spend()) retried += 1;
  }
  expect(retried).toBeGreaterThanOrEqual(100);
  expect(retried).toBeLessThanOrEqual(110);
});

test('saves up no more than ten', () => {
  const { earn, spend } = createRetryBudget();
  for (let n = 0; n < 1000; n++) earn();
  let retried = 0;
  while (spend()) retried += 1;
  expect(retried).toBe(10);
});

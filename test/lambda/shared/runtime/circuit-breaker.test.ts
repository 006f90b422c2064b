import { createCircuitBreaker } from '../../../../lambda/shared/runtime/circuit-breaker';

function breaker() {
  let now = 0;
  const circuit = createCircuitBreaker({ failures: 3, pauseMs: 1000, now: () => now });
  const fail = (times: number) => {
    for (let n = 0; n < times; n++) circuit.failed();
  };
  return { ...circuit, fail, pass: (ms: number) => (now += ms) };
}

test('stays closed while failures are not in a row', () => {
  const { allows, succeeded, fail } = breaker();
  for (let n = 0; n < 5; n++) {
    fail(2);
    succeeded();
  }
  expect(allows()).toBe(true);
});

test('opens after three failures, and lets one probe through in each pause', () => {
  const { allows, fail, pass } = breaker();
  fail(3);
  expect(allows()).toBe(false);
  pass(999);
  expect(allows()).toBe(false);
  pass(1);
  expect([allows(), allows()]).toEqual([true, false]);
  pass(1000);
  expect([allows(), allows()]).toEqual([true, false]);
});

test('waits a whole pause after a probe that failed', () => {
  const { allows, fail, pass } = breaker();
  fail(3);
  pass(1000);
  allows();
  pass(50);
  fail(1);
  pass(999);
  expect(allows()).toBe(false);
  pass(1);
  expect(allows()).toBe(true);
});

test('closes when the probe is answered, and needs three failures again', () => {
  const { allows, succeeded, fail, pass } = breaker();
  fail(3);
  pass(1000);
  allows();
  succeeded();
  fail(2);
  expect([allows(), allows()]).toEqual([true, true]);
});

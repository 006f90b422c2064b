import { createSample } from '../../../../lambda/shared/http/sample';

const NUMBERS = Array.from({ length: 10_000 }, (_, n) => n);

it('keeps every value while there are few, and starts anew when it was taken', () => {
  const sample = createSample(100);
  for (const value of [3, 1, 2]) sample.add(value);
  expect(sample.take()).toEqual([3, 1, 2]);
  expect(sample.take()).toEqual([]);
});

it('is never larger than its size, and takes early and late values alike, each time anew', () => {
  const sample = createSample(100);
  const early = Array.from({ length: 200 }, () => {
    for (const value of NUMBERS) sample.add(value);
    const taken = sample.take();
    expect(taken).toHaveLength(100);
    return taken.filter((value) => value < 5000).length;
  });
  const share = early.reduce((sum, count) => sum + count, 0) / (200 * 100);
  // Ten standard deviations: 0.5 ± 0.0035.
  expect(Math.abs(share - 0.5)).toBeLessThan(0.035);
});

it('gives percentiles that are as exact as the decision record says', () => {
  // Six hosts over the five minutes of an alarm.
  const sampled = Array.from({ length: 30 }, () => {
    const sample = createSample(100);
    for (const value of NUMBERS) sample.add(value);
    return sample.take();
  })
    .flat()
    .sort((a, b) => a - b);
  const p99 = sampled[Math.floor(sampled.length * 0.99)] ?? 0;
  // Within p98 and p99.8 of all values; three standard deviations are ± 0.55 percent points.
  expect(p99).toBeGreaterThan(9800);
  expect(p99).toBeLessThan(9980);
});

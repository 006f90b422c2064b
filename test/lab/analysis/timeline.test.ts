import { longestSilence, timelineOf } from '../../../lab/analysis/timeline';

const result = (scheduled: number, ms: number, error?: string) => ({
  ...{ kind: 'page', scheduled, sent: scheduled, ended: scheduled + ms },
  error,
});

describe('a timeline', () => {
  it('has each second, also one in which nothing was right', () => {
    const results = [result(100, 5), result(200, 15), result(1500, 9000, '503'), result(2100, 40)];
    expect(timelineOf(results)).toEqual([
      { second: 0, right: 2, failed: 0, median: 10, slowest: 15 },
      { second: 1, right: 0, failed: 1, median: 0, slowest: 0 },
      { second: 2, right: 1, failed: 0, median: 40, slowest: 40 },
    ]);
  });

  it('measures the longest time without a right answer', () => {
    expect(longestSilence([result(0, 10), result(2000, 10), result(1000, 1, '503')])).toBe(2000);
  });
});

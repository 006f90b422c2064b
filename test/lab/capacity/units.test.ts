import fc from 'fast-check';
import { CHART_USERS, chartText } from '../../../lab/capacity/chart';
import { mediumFor, readings } from '../../../lab/capacity/latency';
import { atPeak, perSecond } from '../../../lab/capacity/load';
import { InputError, numberOf, phaseNumber, planInput } from '../../../lab/capacity/options';
import { fixed } from '../../../review/cost/line';
import { quantity } from '../../../review/cost/units';

test('units cannot be mixed up: this does not compile without the expected errors', () => {
  const monthly = quantity('request', 1e9);
  expect(atPeak(perSecond(monthly))).toBe(1_200);
  // @ts-expect-error a month's requests are no rate
  atPeak(monthly);
  // @ts-expect-error a plain number has no unit
  perSecond(1e9);
  // @ts-expect-error volumes are billed by gigabyte, not by hour
  fixed('gp3 volume', quantity('hour', 730), 'a volume');
  expect(fixed('gp3 volume', quantity('GB-month', 20), 'a volume').units).toBe(20);
});

test('1 MB takes 250 microseconds from memory, 4 times as long from an SSD, 80 times from a disk', () => {
  const [memory, ssd, disk] = readings(quantity('request/s', 1_000), 1).map(({ busy }) => busy);
  expect([memory, ssd, disk]).toEqual([0.25, 1, 20]);
});

test('reads come from disk while it has time, then from an SSD, then from memory', () => {
  const at = (rate: number) => mediumFor(quantity('request/s', rate), 1);
  expect([at(1_000), at(40_000), at(121_200)]).toEqual(['disk', 'SSD', 'memory']);
});

test('numbers may be written as people say them', () => {
  expect(['500', '10k', '2.5M', '100B', '1T'].map((text) => numberOf('reads', text))).toEqual([
    500, 10_000, 2_500_000, 100e9, 1e12,
  ]);
});

test('a wrong number says what was given and what is expected', () => {
  for (const given of ['', 'ten', '-5', '0', '1e9', '10 M', '10m', 'NaN', 'Infinity', '٣', '101B'])
    expect(() => numberOf('users', given)).toThrow(
      `--users is "${given}"; expected a number above 0 and up to 100B, such as 500, 10k, 2.5M or 100B.`,
    );
  expect(() => numberOf('reads', '1001T')).toThrow('up to 1000T');
  fc.assert(
    fc.property(fc.string(), (given) => {
      try {
        expect(numberOf('users', given)).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
  );
});

test('no load, three of two, and a phase that does not exist are refused', () => {
  expect(() => planInput({ kb: '2' })).toThrow('expected --users, --reads or --writes');
  expect(() => planInput({ reads: '1', writes: '1', ratio: '3' })).toThrow('--ratio is "3" beside');
  expect(() => phaseNumber('phase', 'two', [1, 2])).toThrow('--phase is "two"; expected one of 1, 2.');
});

test('a chart has a digit for each point, and fits on 80 columns', () => {
  const points = CHART_USERS.map((users, at) => ({ users, usd: 10 + users / 100, phase: 1 + (at % 6) }));
  const lines = chartText(points).split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  const digits =
    lines
      .slice(1, 15)
      .join('')
      .replace(/^.*?\|/gm, '')
      .match(/ \d(?= |$)/g) ?? [];
  expect(digits.length).toBeGreaterThanOrEqual(points.length);
});

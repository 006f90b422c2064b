import { byteRange } from '../../local/byte-range';

test.each([
  ['bytes=0-99', { first: 0, last: 99 }],
  ['bytes=100-', { first: 100, last: 999 }],
  ['bytes=-10', { first: 990, last: 999 }],
  ['bytes=990-5000', { first: 990, last: 999 }],
  ['bytes=-5000', { first: 0, last: 999 }],
  ['bytes=999-999', { first: 999, last: 999 }],
])('%s of 1,000 bytes is a part', (header, range) => {
  expect(byteRange(header, 1000)).toEqual(range);
});

test.each(['bytes=1000-', 'bytes=2000-3000', 'bytes=-0'])('%s is nothing of 1,000 bytes', (header) => {
  expect(byteRange(header, 1000)).toBe('none');
});

test.each([null, undefined, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,5-6', 'lines=1-2', 'bytes=a-b'])(
  '%s asks for all of it',
  (header) => {
    expect(byteRange(header, 1000)).toBeUndefined();
  },
);

test('an empty file has no part', () => {
  expect(byteRange('bytes=0-', 0)).toBe('none');
  expect(byteRange('bytes=-1', 0)).toBe('none');
});

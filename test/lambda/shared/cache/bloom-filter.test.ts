import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { createBloomFilter } from '../../../../lambda/shared/cache/bloom-filter';

test('has whatever was added, through any number of layers', () => {
  const added = fc.property(fc.array(fc.string(), { maxLength: 100 }), (texts) => {
    const filter = createBloomFilter(8);
    for (const text of texts) filter.add(text);
    expect(texts.every(filter.has)).toBe(true);
  });
  fc.assert(added);
});

test('an empty one has nothing', () => {
  expect(createBloomFilter().has('')).toBe(false);
});

test('takes fewer than three of a thousand others for members when three layers are full', () => {
  const filter = createBloomFilter(4096);
  for (let n = 0; n < 7 * 4096; n++) filter.add(randomUUID());
  const taken = Array.from({ length: 30_000 }, () => randomUUID()).filter(filter.has).length;
  // Expected are 51, with a standard deviation of 7.
  expect(taken).toBeLessThan(90);
});

test('what one takes for a member, another does not: nobody can prepare texts that pass', () => {
  const [one, other] = [createBloomFilter(64), createBloomFilter(64)];
  for (let n = 0; n < 64; n++) {
    one.add(`${n}`);
    other.add(`${n}`);
  }
  const passing: string[] = [];
  for (let n = 64; passing.length < 20; n++) if (one.has(`${n}`)) passing.push(`${n}`);
  expect(passing.filter(other.has).length).toBeLessThan(5);
});

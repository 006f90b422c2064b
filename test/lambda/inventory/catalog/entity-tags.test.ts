import fc from 'fast-check';
import { hashTag } from '../../../../lambda/inventory/catalog/cached-response';
import { matchesVersion, noneMatch, productTag } from '../../../../lambda/inventory/catalog/entity-tags';

const tag = (version: number, available: number, arrived = 1) => productTag(version, { available, arrived });

test('a tag changes with the version and with what is available', () => {
  expect(new Set([tag(1, 2), tag(2, 1), tag(12, 1), tag(1, 21), tag(1, 0), tag(1, 0, 0)]).size).toBe(6);
});

test('a tag of other bytes is another one, however many there are', () => {
  expect(new Set(Array.from({ length: 20_000 }, (_, n) => hashTag(`{"n":${n}}`))).size).toBe(20_000);
  expect(hashTag('{}')).toMatch(/^"[\w-]{22}"$/);
});

test('If-None-Match knows the tag among others, weak or strong, and the star', () => {
  expect(noneMatch('"1-2"', '"1-2"')).toBe(true);
  expect(noneMatch('"9-9", W/"1-2"', '"1-2"')).toBe(true);
  expect(noneMatch('*', '"1-2"')).toBe(true);
  expect(noneMatch('"1-3"', '"1-2"')).toBe(false);
  expect(noneMatch(undefined, '"1-2"')).toBe(false);
});

test('an edit depends on the version, not on what was sold meanwhile', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), (version, then, other) => {
      for (const arrived of [0, 1]) expect(matchesVersion(tag(version, then, arrived), version)).toBe(true);
      expect(matchesVersion(tag(other, then), version)).toBe(other === version);
    }),
  );
});

test.each(['3', 'W/"4-3"', '"x"', '"3-"', '""', ''])('If-Match %s matches no version', (header) => {
  expect(matchesVersion(header, 3)).toBe(false);
});

test('If-Match takes a version alone, several, or any', () => {
  expect(matchesVersion('"3"', 3)).toBe(true);
  expect(matchesVersion('"2-1", "3-1"', 3)).toBe(true);
  expect(matchesVersion('*', 3)).toBe(true);
});

test('If-Match takes a tag that a proxy made weak when it compressed the answer', () => {
  expect(matchesVersion('W/"3-1"', 3)).toBe(true);
});

test('no header, however odd, throws', () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      expect(typeof matchesVersion(header, 1)).toBe('boolean');
      expect(typeof noneMatch(header, '"1-1"')).toBe('boolean');
    }),
  );
});

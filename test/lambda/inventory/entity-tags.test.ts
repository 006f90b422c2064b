import fc from 'fast-check';
import { matchesVersion, noneMatch, productTag } from '../../../lambda/inventory/entity-tags';

test('a tag changes with the version and with what is available', () => {
  expect(new Set([productTag(1, 2), productTag(2, 1), productTag(12, 1), productTag(1, 21)]).size).toBe(4);
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
      expect(matchesVersion(productTag(version, then), version)).toBe(true);
      expect(matchesVersion(productTag(other, then), version)).toBe(other === version);
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

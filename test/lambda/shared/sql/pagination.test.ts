import fc from 'fast-check';
import { cursor, fromCursor, limitFor, page } from '../../../../lambda/shared/sql/pagination';

test('a cursor leads back to its id', () => {
  fc.assert(fc.property(fc.uuid(), (id) => expect(fromCursor(cursor(id))).toBe(id)));
});

test('any 22 characters of the alphabet are some id', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\w-]{22}$/), (text) =>
      expect(fromCursor(text)).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
    ),
  );
});

test('following the pages sees every row once, and the last page says that it is', () => {
  const ids = fc.uniqueArray(fc.uuid(), { maxLength: 40 }).map((all) => all.sort().reverse());
  fc.assert(
    fc.property(ids, fc.integer({ min: 1, max: 10 }), (all, limit) => {
      const seen: string[] = [];
      for (let after: string | undefined, turn = 0; turn <= all.length; turn++) {
        const rest = all.filter((id) => after === undefined || id < after).slice(0, limit + 1);
        const { items, next } = page(
          rest.map((id) => ({ id })),
          limit,
        );
        seen.push(...items.map(({ id }) => id));
        if (next === undefined) break;
        after = fromCursor(next);
      }
      expect(seen).toEqual(all);
    }),
  );
});

test('every size of a page is read with one row more, by one of two statements', () => {
  const sizes = Array.from({ length: 100 }, (_, n) => n + 1);
  for (const size of sizes) expect(Number(limitFor(size).replace(/^LIMIT /, ''))).toBeGreaterThan(size);
  expect(new Set(sizes.map(limitFor)).size).toBe(2);
  expect([1, 24, 25, 100].map(limitFor)).toEqual(['LIMIT 25', 'LIMIT 25', 'LIMIT 101', 'LIMIT 101']);
});

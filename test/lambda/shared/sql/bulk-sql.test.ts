import fc from 'fast-check';
import { among, insertRows, powersOfTwo } from '../../../../lambda/shared/sql/bulk-sql';
import type { SqlValue } from '../../../../lambda/shared/sql/sql';

test('any number of rows is inserted in powers of two up to 128, all of them', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3000 }), (count) => {
      const sizes = powersOfTwo(count);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
      for (const size of sizes) expect([1, 2, 4, 8, 16, 32, 64, 128]).toContain(size);
    }),
  );
});

test('every row is inserted once, in order, with its own values', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 300 }), async (count) => {
      const rows = Array.from({ length: count }, (_, n): SqlValue[] => [n, `row ${n}`]);
      const inserted: SqlValue[] = [];
      const execute = async (statement: string, values: readonly SqlValue[] = []) => {
        expect(statement.match(/\?/g)).toHaveLength(values.length);
        inserted.push(...values);
        return values.length / 2;
      };
      await insertRows({ execute, query: async () => [] }, 'things (id, name)', rows);
      expect(inserted).toEqual(rows.flat());
    }),
  );
});

test('IN takes a power of two of values, and no other values than given', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 300 }), (values) => {
      const padded = among(values);
      expect(Math.log2(padded.values.length) % 1).toBe(0);
      expect(new Set(padded.values)).toEqual(new Set(values));
      expect(padded.sql.match(/\?/g)).toHaveLength(padded.values.length);
    }),
  );
});

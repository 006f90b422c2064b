import fc from 'fast-check';
import { type PersistentMap, persistentMap } from '../../../lab/history/persistent-map';

test('each version keeps its entries, in whatever order versions are made and read', () => {
  const change = fc.record({
    from: fc.nat(99),
    key: fc.constantFrom('a', 'b', 'c'),
    value: fc.nat(),
    read: fc.nat(99),
  });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const versions: { map: PersistentMap<number>; entries: Map<string, number> }[] = [
        { map: persistentMap<number>(), entries: new Map() },
      ];
      const any = (n: number) => versions[n % versions.length] as (typeof versions)[number];
      for (const { from, key, value, read } of changes) {
        const { map, entries } = any(from);
        versions.push({ map: map.with(key, value), entries: new Map(entries).set(key, value) });
        const seen = any(read);
        if (['a', 'b', 'c'].some((name) => seen.map.get(name) !== seen.entries.get(name))) return false;
      }
      return true;
    }),
  );
});

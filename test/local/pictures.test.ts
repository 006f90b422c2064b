import { picture, picturePaths } from '../../local/pictures';
import { seedProducts } from '../../local/seed/products';

describe('pictures', () => {
  it('are there for every product that the shop starts with, and for nothing else', () => {
    const wanted = seedProducts.map(
      ({ category, drawing }) => `/pictures/${category.toLowerCase()}/${drawing}.svg`,
    );
    expect([...picturePaths].sort()).toEqual(wanted.sort());
  });

  it('are the same each time, and each its own', () => {
    const drawn = picturePaths.map((path) => picture(path));
    expect(picturePaths.map((path) => picture(path))).toEqual(drawn);
    expect(new Set(drawn).size).toBe(picturePaths.length);
  });

  it.each(picturePaths)('need no exception from a content security policy: %s', (path) => {
    expect(picture(path)).not.toMatch(/style|script|href|url\(|NaN|undefined/);
  });

  it.each(['/pictures/kitchen/spoon.svg', '/pictures/kitchen/constructor.svg', '/pictures/../x.svg', '/'])(
    'are not there for %s',
    (path) => {
      expect(picture(path)).toBeUndefined();
    },
  );
});

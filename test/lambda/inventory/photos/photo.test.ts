import fc from 'fast-check';
import { RENDITION_WIDTHS } from '../../../../lambda/inventory/photos/limits';
import { pictureOf, type Size, sizesFrom, sizesText } from '../../../../lambda/inventory/photos/photo';

const side = fc.integer({ min: 1, max: 2560 });

it('keeps sizes as text', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ width: side, height: side }), { maxLength: 4 }), (sizes) => {
      expect(sizesFrom(sizesText(sizes))).toEqual(sizes);
    }),
  );
});

it('has room for the longest sizes in its column', () => {
  expect(sizesText(RENDITION_WIDTHS.map((width) => ({ width, height: 2 * width }))).length).toBeLessThan(100);
});

it.each<[number[], number | null]>([
  [[160, 320, 640, 1280], 640],
  [[160, 320, 500], 500],
  [[90], 90],
  [[], null],
])('shows of the widths %j the largest up to 640: %p', (widths, shown) => {
  const sizes: Size[] = widths.map((width) => ({ width, height: width }));
  expect(pictureOf({ id: 'x', sizes })).toBe(shown === null ? null : `/media/photos/x/${shown}.webp`);
});

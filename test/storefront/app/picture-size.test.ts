import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import * as limits from '../../../lambda/inventory/photos/limits';
import { solidPng } from '../../support/png';

const APP = join(__dirname, '../../../storefront/app');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shop-picture-size-'));
  // Node recognizes a module of the page only by its name.
  copyFileSync(join(APP, 'picture-size.js'), join(folder, 'picture-size.mjs'));
  writeFileSync(
    join(folder, 'sizes.mjs'),
    `import { readFileSync } from 'node:fs';
     import { pictureSize } from './picture-size.mjs';
     const sizes = process.argv.slice(2).map((file) => pictureSize(new Uint8Array(readFileSync(file))) ?? null);
     console.log(JSON.stringify(sizes));`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function pictureSizes(files: readonly Uint8Array[]): unknown[] {
  const paths = files.map((bytes, at) => {
    writeFileSync(join(folder, `${at}`), bytes);
    return join(folder, `${at}`);
  });
  return JSON.parse(execFileSync(process.execPath, [join(folder, 'sizes.mjs'), ...paths]).toString());
}

/** A bit a pixel. */
const GREY = { depth: 1, colour: 0 } as const;
const WIDTH = 613;
const HEIGHT = 47;
const picture = (channels: 3 | 4 = 3) =>
  sharp({
    create: { width: WIDTH, height: HEIGHT, channels, background: { r: 9, g: 120, b: 30, alpha: 0.5 } },
  });

it('finds the size of every kind of picture that the shop takes, as its decoder does', async () => {
  const withProfile = picture()
    .withIccProfile('p3')
    .withExif({ IFD0: { Copyright: 'x'.repeat(40_000) } });
  const frames = await Promise.all(
    ['red', 'blue'].map((background) =>
      sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const files = await Promise.all([
    picture().jpeg().toBuffer(),
    picture().jpeg({ progressive: true, optimiseCoding: true }).toBuffer(),
    withProfile.clone().jpeg().toBuffer(),
    picture().png().toBuffer(),
    picture(4).png({ progressive: true }).toBuffer(),
    picture().webp().toBuffer(),
    picture().webp({ lossless: true }).toBuffer(),
    picture(4).webp().toBuffer(),
    withProfile.clone().webp().toBuffer(),
    sharp(frames, { join: { animated: true } })
      .webp({ loop: 1 })
      .toBuffer(),
  ]);
  expect(pictureSizes(files)).toEqual(files.map(() => ({ width: WIDTH, height: HEIGHT })));
});

it('reads sizes that are too large to decode', () => {
  const files = [solidPng(10_000_000, 4, GREY), solidPng(4, 10_000_000, GREY)];
  expect(pictureSizes(files)).toEqual([
    { width: 10_000_000, height: 4 },
    { width: 4, height: 10_000_000 },
  ]);
});

it('leaves files without a readable size to the shop', async () => {
  const whole = await picture().jpeg().toBuffer();
  const files = [
    Buffer.from('words'),
    Buffer.alloc(0),
    whole.subarray(0, 100),
    solidPng(0, 5),
    Buffer.alloc(1000),
  ];
  expect(pictureSizes(files)).toEqual(files.map(() => null));
});

it('refuses in the browser by the limits that the shop has', () => {
  const text = readFileSync(join(APP, 'uploads.js'), 'utf8');
  const found = Object.fromEntries(
    [...text.matchAll(/^const (MAX_\w+) = ([\d_]+);$/gm)].map(([, name, value]) => [
      name,
      Number(value?.replaceAll('_', '')),
    ]),
  );
  const { MAX_PHOTO_BYTES, MAX_PIXELS, MAX_SIDE } = limits;
  expect(found).toEqual({ MAX_PHOTO_BYTES, MAX_PIXELS, MAX_SIDE });
});

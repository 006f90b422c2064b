import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { MAX_PHOTO_BYTES, MAX_SIDE } from '../../../lambda/inventory/photos/limits';
import {
  DamagedPictureError,
  NotAPictureError,
  RefusedPictureError,
  TooManyBytesError,
  TooManyPixelsError,
} from '../../../lambda/thumbnails/errors';
import { type Rendition, render } from '../../../lambda/thumbnails/render';
import { solidPng } from '../../support/png';
import { runs } from '../../support/rounds';

/** One bit a pixel, which compresses best. */
const GREY = { depth: 1, colour: 0 } as const;

/** A picture whose left half is red and whose right half is blue. */
function picture(width: number, height: number) {
  const half = (background: string) =>
    ({ create: { width: Math.ceil(width / 2), height, channels: 3, background } }) as const;
  return sharp({ create: { width, height, channels: 3, background: 'blue' } }).composite([
    { input: half('red'), left: 0, top: 0 },
  ]);
}

const sizes = (renditions: readonly Rendition[]) =>
  renditions.map(({ width, height }) => `${width}x${height}`);

/** The colour in the middle of a rendition's part: thirds from the left, the top. */
async function colour({ bytes, width, height }: Rendition, x: number, y: number) {
  const left = Math.floor((width * (2 * x + 1)) / 6);
  const top = Math.floor((height * (2 * y + 1)) / 6);
  const raw = await rawOf(bytes).extract({ left, top, width: 1, height: 1 }).toBuffer();
  return [...raw.subarray(0, 3)];
}
const rawOf = (bytes: Uint8Array) => sharp(bytes).raw();
/** Lossy formats change colours: 12 of 255 either way is the same. */
const near = (...rgb: number[]) => rgb.map((value) => expect.closeTo(value, -1.4));

describe('sizes', () => {
  it('makes WebP of 160, 320, 640 and 1280 pixels, with the sides in proportion', async () => {
    const renditions = await render(await picture(2000, 1500).jpeg().toBuffer());
    expect(sizes(renditions)).toEqual(['160x120', '320x240', '640x480', '1280x960']);
    for (const { bytes, width, height } of renditions) {
      expect(await sharp(bytes).metadata()).toMatchObject({
        format: 'webp',
        width,
        height,
        space: 'srgb',
        depth: 'uchar',
      });
    }
  });

  it.each([
    [500, 400, ['160x128', '320x256', '500x400']],
    [160, 160, ['160x160']],
    [1, 1, ['1x1']],
  ])('never enlarges: %d x %d', async (width, height, expected) => {
    expect(sizes(await render(await picture(width, height).png().toBuffer()))).toEqual(expected);
  });

  it.each([
    [1, MAX_SIDE],
    [MAX_SIDE, 1],
    [30, MAX_SIDE],
  ])('bounds strips of %d x %d in both directions', async (width, height) => {
    for (const rendition of await render(await picture(width, height).png().toBuffer())) {
      expect(rendition.width).toBeLessThanOrEqual(1280);
      expect(rendition.height).toBeLessThanOrEqual(2560);
      expect(await sharp(rendition.bytes).metadata()).toMatchObject({
        width: rendition.width,
        height: rendition.height,
      });
    }
  });

  it('gives the same bytes for the same photo', async () => {
    const photo = await picture(900, 700).jpeg().toBuffer();
    expect(await render(photo)).toEqual(await render(photo));
  });
});

describe('the look of a photo', () => {
  // The steps in which a camera in this orientation turns the picture.
  const held: [number, ((image: Sharp) => Sharp)[]][] = [
    [1, []],
    [2, [(image) => image.flop()]],
    [3, [(image) => image.rotate(180)]],
    [4, [(image) => image.flip()]],
    [5, [(image) => image.rotate(90), (image) => image.flop()]],
    [6, [(image) => image.rotate(270)]],
    [7, [(image) => image.rotate(270), (image) => image.flop()]],
    [8, [(image) => image.rotate(90)]],
  ];
  it.each(held)('applies the orientation %d that a camera noted', async (orientation, steps) => {
    const corner = { create: { width: 300, height: 150, channels: 3, background: 'red' } } as const;
    let saved = await sharp({ create: { width: 600, height: 300, channels: 3, background: 'blue' } })
      .composite([{ input: corner, left: 0, top: 0 }])
      .png()
      .toBuffer();
    for (const step of steps) saved = await step(sharp(saved)).png().toBuffer();
    const photo = await sharp(saved).withMetadata({ orientation }).jpeg({ quality: 95 }).toBuffer();
    expect(await sharp(photo).metadata()).toMatchObject({ orientation, width: orientation > 4 ? 300 : 600 });

    const last = (await render(photo)).at(-1) as Rendition;
    expect([last.width, last.height]).toEqual([600, 300]);
    expect(await colour(last, 0, 0)).toEqual(near(254, 0, 0));
    expect(await colour(last, 2, 0)).toEqual(near(0, 0, 254));
    expect(await colour(last, 0, 2)).toEqual(near(0, 0, 254));
  });

  it('carries no metadata: neither where and when it was taken, nor by what, nor a comment', async () => {
    const photo = await picture(400, 300)
      .withExif({
        IFD0: { Make: 'SecretCamera', Copyright: 'SecretName' },
        IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' },
      })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret/></x:xmpmeta>')
      .withIccProfile('p3')
      .jpeg()
      .toBuffer();
    expect(photo.includes('SecretCamera') && photo.includes('<secret/>')).toBe(true);
    for (const { bytes } of await render(photo)) {
      const { exif, xmp, icc, iptc, orientation, comments } = await sharp(bytes).metadata();
      expect([exif, xmp, icc, iptc, orientation, comments]).toEqual(Array(6).fill(undefined));
      expect(Buffer.from(bytes).includes('ecret')).toBe(false);
    }
  });

  it('keeps the colours that another profile meant', async () => {
    const wide = await sharp({
      create: { width: 60, height: 60, channels: 3, background: { r: 200, g: 60, b: 60 } },
    })
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const numbers = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    expect(numbers[0]).toBeLessThan(190);
    expect(await colour((await render(wide))[0] as Rendition, 1, 1)).toEqual(near(200, 60, 60));
  });

  it('reads 16 bits a colour, grey, CMYK and transparency', async () => {
    const red = sharp({
      create: { width: 60, height: 60, channels: 3, background: { r: 220, g: 20, b: 20 } },
    });
    const deep = await red.clone().toColourspace('rgb16').png().toBuffer();
    expect(await sharp(deep).metadata()).toMatchObject({ depth: 'ushort' });
    expect(await colour((await render(deep))[0] as Rendition, 1, 1)).toEqual(near(220, 20, 20));

    const cmyk = await red.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect(await sharp(cmyk).metadata()).toMatchObject({ space: 'cmyk' });
    const [r = 0, g = 255, b = 255] = await colour((await render(cmyk))[0] as Rendition, 1, 1);
    expect(r - Math.max(g, b)).toBeGreaterThan(120);

    const grey = await red.clone().greyscale().png().toBuffer();
    const [x, y, z] = await colour((await render(grey))[0] as Rendition, 1, 1);
    expect([x, y]).toEqual([y, z]);

    const clear = await sharp({
      create: { width: 60, height: 60, channels: 4, background: { r: 220, g: 0, b: 0, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    expect(await sharp((await render(clear))[0]?.bytes).metadata()).toMatchObject({ hasAlpha: true });
  });

  it('takes the first picture of an animation', async () => {
    const frames = await Promise.all(
      ['red', 'blue'].map((background) =>
        sharp({ create: { width: 40, height: 40, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    const moving = await sharp(frames, { join: { animated: true } })
      .webp({ lossless: true })
      .toBuffer();
    expect(await sharp(moving).metadata()).toMatchObject({ pages: 2 });
    const [still] = await render(moving);
    expect([still?.width, still?.height]).toEqual([40, 40]);
    expect(await colour(still as Rendition, 1, 1)).toEqual(near(254, 0, 0));
  });
});

describe('a refusal', () => {
  it.each(['gif', 'tiff', 'avif'] as const)('refuses %s: its decoder cannot be reached', async (format) => {
    await expect(render(await picture(40, 40).toFormat(format).toBuffer())).rejects.toThrow(NotAPictureError);
  });

  it.each([
    [
      'SVG',
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd"/></svg>',
    ],
    ['HTML', '<html><script>alert(1)</script></html>'],
    ['a PDF', '%PDF-1.7\n1 0 obj'],
    ['nothing', ''],
    ['a JPEG that is only its first bytes', '\xff\xd8\xff'],
    ['a GIF that is also JavaScript', 'GIF89a=1;alert(1)//'],
  ])('refuses %s', async (_, text) => {
    await expect(render(Buffer.from(text, 'latin1'))).rejects.toThrow(NotAPictureError);
  });

  it.each(['jpeg', 'png', 'webp'] as const)('refuses a %s that ends too early', async (format) => {
    const whole = await picture(300, 300).toFormat(format, { quality: 100 }).toBuffer();
    const error = await render(whole.subarray(0, whole.length * 0.7)).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(RefusedPictureError);
    expect((error as Error).message).toContain('damaged');
  });

  it('takes a JPEG without its end marker, as viewers do, and no other that is cut off', async () => {
    for (const progressive of [false, true]) {
      const whole = await picture(700, 500).jpeg({ progressive }).toBuffer();
      const without = await render(whole.subarray(0, -2));
      expect(without).toEqual(await render(whole));
      for (const missing of [3, 10, whole.length >> 1])
        await expect(render(whole.subarray(0, -missing))).rejects.toThrow(RefusedPictureError);
    }
  });

  it('distinguishes a damaged picture from other files', async () => {
    const whole = await picture(300, 300).png().toBuffer();
    await expect(render(whole.subarray(0, whole.length - 100))).rejects.toThrow(DamagedPictureError);
  });

  it('refuses a small file that would unpack to gigabytes, by its header', async () => {
    const bomb = solidPng(16_000, 16_000, GREY);
    expect(bomb.length).toBeLessThan(100_000);
    expect(await sharp(bomb, { limitInputPixels: false }).metadata()).toMatchObject({
      width: 16_000,
      format: 'png',
    });
    const error = await render(bomb).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TooManyPixelsError);
    expect((error as Error).message).toContain('at most 40 megapixels; this one is 16000 × 16000, 256.');
  });

  it.each([
    [10_000_000, 4],
    [4, 10_000_000],
    [MAX_SIDE + 1, 1],
  ])('refuses a side that is too long, whatever the pixels: %d x %d', async (width, height) => {
    const error = await render(solidPng(width, height, GREY)).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TooManyPixelsError);
    expect((error as Error).message).toBe(
      `A side of a photo has at most 16384 pixels; this one is ${width} × ${height}. Make it smaller`,
    );
  });

  it('refuses a picture whose header lies about more than there is', async () => {
    const png = await picture(100, 100).png().toBuffer();
    png.writeUInt32BE(6000, 16);
    await expect(render(png)).rejects.toThrow(RefusedPictureError);
  });

  it('counts bits as well as pixels', async () => {
    const deep = sharp({
      create: { width: 5000, height: 4100, channels: 4, background: 'black' },
    }).toColourspace('rgb16');
    await expect(render(await deep.png({ compressionLevel: 1 }).toBuffer())).rejects.toThrow(
      TooManyPixelsError,
    );
  });

  it('refuses more bytes than a photo may have', async () => {
    await expect(render(Buffer.alloc(MAX_PHOTO_BYTES + 1))).rejects.toThrow(TooManyBytesError);
  });

  it('never answers noise, or a picture with broken bytes, with anything but a rendition or a refusal', async () => {
    const photos = await Promise.all(
      (['jpeg', 'png', 'webp'] as const).map((format) => picture(64, 48).toFormat(format).toBuffer()),
    );
    const broken = fc
      .tuple(
        fc.constantFrom(...photos),
        fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      )
      .map(([photo, changes]) => {
        const bytes = Buffer.from(photo);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(broken, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const result = await render(bytes).catch((error: unknown) => error);
        if (!Array.isArray(result)) expect(result).toBeInstanceOf(RefusedPictureError);
      }),
      runs(200),
    );
  });
});

describe('a file that is two things at once', () => {
  const payload = '<script>alert("polyglot")</script>';

  it.each([
    ['after its end', (photo: Buffer) => Buffer.concat([photo, Buffer.from(payload)])],
    [
      'in a comment',
      (photo: Buffer) => {
        const comment = Buffer.from(`\xff\xfe\0\0${payload}`, 'latin1');
        comment.writeUInt16BE(payload.length + 2, 2);
        return Buffer.concat([photo.subarray(0, 2), comment, photo.subarray(2)]);
      },
    ],
  ])('leaves only the picture of one that hides something %s', async (_, hide) => {
    const hostile = hide(await picture(200, 100).jpeg().toBuffer());
    const renditions = await render(hostile);
    expect(sizes(renditions)).toEqual(['160x80', '200x100']);
    for (const { bytes } of renditions) expect(Buffer.from(bytes).includes('script')).toBe(false);
  });
});

it('keeps sharp out of what only needs to know the limits', () => {
  const program = `require(${JSON.stringify(join(__dirname, '../../../lambda/inventory/photos/service'))});
    process.exit(Object.keys(require.cache).some((path) => path.includes('node_modules/sharp/')) ? 1 : 0)`;
  expect(() => execFileSync(process.execPath, ['--require', 'tsx/cjs', '-e', program])).not.toThrow();
});

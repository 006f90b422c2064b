import sharp, { type Metadata, type Raw, type SharpOptions } from 'sharp';
import {
  DamagedPictureError,
  NotAPictureError,
  TooManyBytesError,
  TooManyPixelsError,
  TooSlowError,
} from './errors';
import { MAX_DECODED_BYTES, MAX_PHOTO_BYTES, MAX_PIXELS, RENDITION_WIDTHS } from './limits';

/** A photo in one size: WebP, sRGB, upright, without metadata. Width and height in pixels. */
export interface Rendition {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

// One thread a picture: pictures beside each other use the cores better, and the caller decides how many those are.
sharp.concurrency(1);
// No picture comes twice.
sharp.cache(false);
// Whatever a file claims to be, only these three decoders can be reached: no SVG, GIF, PDF, TIFF or HEIF.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
});

const DECODING: SharpOptions = { failOn: 'error', limitInputPixels: MAX_PIXELS, sequentialRead: true };
/** Fifteen times what the slowest picture within the limits took (interlaced 16-bit PNG), on one core. */
const LONGEST_DECODING_SECONDS = 30;

/**
 * The photo in its sizes, smallest first; never enlarged, so a photo of 500 pixels has 160, 320 and 500.
 * Every pixel is decoded and encoded anew: nothing else that the file holds gets through.
 * @throws RefusedPictureError one of its kinds, when the picture is to blame
 */
export async function render(bytes: Uint8Array): Promise<Rendition[]> {
  if (bytes.length > MAX_PHOTO_BYTES) {
    throw new TooManyBytesError(
      `A photo has at most ${MAX_PHOTO_BYTES / 1e6} MB; this one has ${mega(bytes.length)}`,
    );
  }
  assertFits(await readHeader(bytes));
  const { data, info } = await decode(bytes);
  const raw: Raw = { width: info.width, height: info.height, channels: info.channels };
  const widths = new Set(RENDITION_WIDTHS.map((width) => Math.min(width, info.width)));
  const renditions: Rendition[] = [];
  for (const width of widths) {
    const encoded = await sharp(data, { raw })
      .resize({ width })
      .webp({ quality: 80 })
      .toBuffer({ resolveWithObject: true });
    renditions.push({ width, height: encoded.info.height, bytes: encoded.data });
  }
  return renditions;
}

async function readHeader(bytes: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(bytes, { ...DECODING, limitInputPixels: false }).metadata();
  } catch {
    throw new NotAPictureError('This is not a JPEG, PNG or WebP picture, or it is damaged');
  }
}

function assertFits({ width, height, channels, depth }: Metadata): void {
  const pixels = width * height;
  const decoded = pixels * channels * (depth === 'uchar' ? 1 : 2);
  if (pixels > MAX_PIXELS || decoded > MAX_DECODED_BYTES) {
    throw new TooManyPixelsError(
      `A photo has at most ${mega(MAX_PIXELS)} megapixels (${mega(MAX_PIXELS / 2)} with 16 bits a colour); ` +
        `this one is ${width} × ${height}, ${mega(pixels)}. Make it smaller`,
    );
  }
}

/** The largest rendition as 8-bit sRGB pixels: the file is decoded once, and the other sizes are made from this. */
async function decode(bytes: Uint8Array) {
  const largest = Math.max(...RENDITION_WIDTHS);
  try {
    return await sharp(bytes, DECODING)
      .timeout({ seconds: LONGEST_DECODING_SECONDS })
      .autoOrient()
      // Taller than that is no photo but a strip, whose height would have no limit.
      .resize({ width: largest, height: 2 * largest, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    if ((error as Error).message.startsWith('timeout')) {
      throw new TooSlowError('Reading this picture takes too long. Save it anew, as JPEG');
    }
    throw new DamagedPictureError('This picture is damaged: it cannot be read to its end');
  }
}

const mega = (count: number) => Math.round(count / 1e5) / 10;

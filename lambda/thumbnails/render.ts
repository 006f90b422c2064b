import sharp, { type Metadata, type Raw, type SharpOptions } from 'sharp';
import {
  MAX_DECODED_BYTES,
  MAX_PHOTO_BYTES,
  MAX_PIXELS,
  mega,
  RENDITION_WIDTHS,
  sizeProblem,
} from '../inventory/photos/limits';
import {
  DamagedPictureError,
  NotAPictureError,
  TooManyBytesError,
  TooManyPixelsError,
  TooSlowError,
} from './errors';

/** A photo in one size: WebP, sRGB, upright, without metadata. Width and height in pixels. */
export interface Rendition {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

// One thread per picture: several pictures at once use the cores better, and the caller decides on their number.
sharp.concurrency(1);
// Pictures do not repeat.
sharp.cache(false);
// Only these three decoders are reachable, whatever type a file claims: no SVG, GIF, PDF, TIFF or HEIF.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
});

const DECODING: SharpOptions = { failOn: 'error', limitInputPixels: MAX_PIXELS, sequentialRead: true };
/** Fifteen times the measured time of the slowest picture within the limits (interlaced 16-bit PNG), on one core. */
const DECODING_TIMEOUT_SECONDS = 30;

/**
 * The renditions of a photo, smallest first. Photos are never enlarged: one of 500 pixels gets 160, 320 and 500.
 * Pixels are decoded and encoded anew, which removes everything else from the file.
 * @throws RefusedPictureError (a subclass) if the picture is at fault
 */
export async function render(bytes: Uint8Array): Promise<Rendition[]> {
  if (bytes.length > MAX_PHOTO_BYTES) {
    throw new TooManyBytesError(
      `A photo may have at most ${MAX_PHOTO_BYTES / 1e6} MB; this one has ${mega(bytes.length)} MB`,
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
    throw new NotAPictureError('This file is not a JPEG, PNG or WebP picture, or it is damaged');
  }
}

function assertFits({ width, height, channels, depth, format, isProgressive }: Metadata): void {
  const problem = sizeProblem(width, height);
  if (problem) throw new TooManyPixelsError(problem);
  // A progressive JPEG is held as coefficients, which have 16 bits.
  const deep = depth !== 'uchar' || (format === 'jpeg' && isProgressive);
  const decoded = width * height * channels * (deep ? 2 : 1);
  if (decoded > MAX_DECODED_BYTES) {
    throw new TooManyPixelsError(
      `Decoding takes ${mega(decoded)} MB, at most ${mega(MAX_DECODED_BYTES)} are allowed: this one is ` +
        `${width} × ${height}, with 16 bits a colour or progressive. Make it smaller, or save it as a baseline JPEG`,
    );
  }
}

/** The largest rendition as 8-bit sRGB pixels. The file is decoded once; the other sizes are scaled from this one. */
async function decode(bytes: Uint8Array) {
  try {
    // Some cameras leave the end marker out, and every viewer shows such a photo. One that misses more stays damaged.
    return await decodeAs(bytes, DECODING).catch((error) => {
      if (!isJpegWithoutEnd(bytes)) throw error;
      return decodeAs(Buffer.concat([bytes, JPEG_END]), { ...DECODING, failOn: 'warning' });
    });
  } catch (error) {
    if ((error as Error).message.startsWith('timeout')) {
      throw new TooSlowError('Reading this picture takes too long. Save it again as JPEG');
    }
    throw new DamagedPictureError('This picture is damaged: it cannot be read completely');
  }
}

const JPEG_START = Buffer.from([0xff, 0xd8]);
const JPEG_END = Buffer.from([0xff, 0xd9]);

const isJpegWithoutEnd = (bytes: Uint8Array): boolean =>
  JPEG_START.equals(bytes.subarray(0, 2)) && !JPEG_END.equals(bytes.subarray(-2));

function decodeAs(bytes: Uint8Array, options: SharpOptions) {
  const largest = Math.max(...RENDITION_WIDTHS);
  return (
    sharp(bytes, options)
      .timeout({ seconds: DECODING_TIMEOUT_SECONDS })
      .autoOrient()
      // Limits the height of very narrow pictures, too.
      .resize({ width: largest, height: 2 * largest, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
  );
}

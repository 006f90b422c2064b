/** Limits of a photo, in a file of their own so that the API does not load sharp. */
export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;

export const MAX_PHOTO_BYTES = 10_000_000;

/** Above the default output of any phone's main camera. */
export const MAX_PIXELS = 40_000_000;

/**
 * Of each side: the longest panorama of a phone. Shrinking holds whole rows, so memory grows with the width, even with
 * few pixels: a picture of 10,000,000 x 4 took 6.2 GB.
 */
export const MAX_SIDE = 16_384;

/**
 * Interlaced and progressive pictures are decoded in memory as a whole: 8 bits RGBA for the most pixels allowed. A
 * process grows by 280 MB at most (decision 0071; test/lambda/thumbnails/memory.test.ts measures it).
 */
export const MAX_DECODED_BYTES = 4 * MAX_PIXELS;

/** In pixels: two for thumbnails at single and double density, two for a product's page. */
export const RENDITION_WIDTHS = [160, 320, 640, 1280] as const;

/** Returns the reason to refuse a picture of this size, for people; undefined if it is accepted. */
export function sizeProblem(width: number, height: number): string | undefined {
  const longest = Math.max(width, height);
  if (longest > MAX_SIDE) {
    return `A side of a photo has at most ${MAX_SIDE} pixels; this one is ${width} × ${height}. Make it smaller`;
  }
  if (width * height <= MAX_PIXELS) return undefined;
  return `A photo has at most ${mega(MAX_PIXELS)} megapixels; this one is ${width} × ${height}, ${mega(width * height)}. Make it smaller`;
}

/** In millions, with one decimal. */
export const mega = (count: number): number => Math.round(count / 1e5) / 10;

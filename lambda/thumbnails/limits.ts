/** What a photo may be. Of its own, so that the API can say it without loading sharp. */
export const PHOTO_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;

export const MAX_PHOTO_BYTES = 10_000_000;

/** More than any phone's main camera saves by itself. */
export const MAX_PIXELS = 40_000_000;

/**
 * Interlaced and progressive pictures are decoded in memory as a whole: 8 bits RGBA at the most pixels allowed.
 * A process grew by 230 MB at most, measured with the worst of each type at the limits.
 */
export const MAX_DECODED_BYTES = 4 * MAX_PIXELS;

/** In pixels: two for thumbnails at single and double density, two for a product's page. */
export const RENDITION_WIDTHS = [160, 320, 640, 1280] as const;

/**
 * Reads width and height in pixels from the bytes of a JPEG, PNG or WebP, without decoding it: a picture that is too
 * large for the shop may be too large for this browser. Undefined if the bytes do not tell; the shop checks again.
 */
export function pictureSize(bytes) {
  try {
    const { width, height } = sizeIn(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)) ?? {};
    return width > 0 && height > 0 ? { width, height } : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function sizeIn(view) {
  const text = (at) => String.fromCharCode(...[0, 1, 2, 3].map((next) => view.getUint8(at + next)));
  if (text(1) === 'PNG\r') return { width: view.getUint32(16), height: view.getUint32(20) };
  if (text(0) === 'RIFF' && text(8) === 'WEBP') return webpSize(view, text(12));
  return view.getUint16(0) === 0xffd8 ? jpegSize(view) : undefined;
}

/** Lossy, lossless, and extended, which is for transparency, metadata or animation. */
function webpSize(view, kind) {
  const three = (at) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (kind === 'VP8 ') {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (kind === 'VP8X') return { width: three(24) + 1, height: three(27) + 1 };
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
}

/** The size stands in the start of frame, after metadata of any length. */
function jpegSize(view) {
  for (let at = 2; ; at += 2 + view.getUint16(at + 2)) {
    while (view.getUint16(at) === 0xffff) at++;
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
}

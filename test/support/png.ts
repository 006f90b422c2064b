import { deflateSync } from 'node:zlib';

export interface PngKind {
  /** Bits a colour. */
  readonly depth?: 1 | 8 | 16;
  readonly colour?: keyof typeof CHANNELS;
  readonly interlaced?: boolean;
}

/** As the PNG specification numbers them: grey, RGB, a palette, RGB with transparency. */
const CHANNELS = { 0: 1, 2: 3, 3: 1, 6: 4 } as const;

/** A PNG of one colour in any size, which deflate packs to almost nothing: RGBA with 8 bits by default. */
export function solidPng(width: number, height: number, kind: PngKind = {}): Buffer {
  const { depth = 8, colour = 6, interlaced = false } = kind;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour, 0, 0, Number(interlaced)], 8);
  const bits = depth * CHANNELS[colour];
  const passes = interlaced ? ADAM7 : ([[0, 0, 1, 1]] as const);
  const bytes = passes.map(([left, top, right, down]) => {
    const columns = Math.ceil((width - left) / right);
    const rows = Math.ceil((height - top) / down);
    return columns > 0 && rows > 0 ? rows * (1 + Math.ceil((columns * bits) / 8)) : 0;
  });
  const pixels = Buffer.alloc(bytes.reduce((sum, count) => sum + count, 0));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(colour === 3 ? [chunk('PLTE', Buffer.alloc(768))] : []),
    chunk('IDAT', deflateSync(pixels, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** First column and row, and the steps to the next, of each pass of an interlaced picture. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function crc32(bytes: Buffer): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ -1) >>> 0;
}

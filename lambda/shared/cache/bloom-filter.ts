import { hash, randomBytes } from 'node:crypto';

const BITS_A_MEMBER = 16;
/** As many as the 32-bit words of a SHA-256. */
const HASHES = 8;
/** A power of two, like all sizes here: a mask takes the place of a division. */
const FIRST_CAPACITY = 2 ** 17;

export interface BloomFilter {
  add(text: string): void;
  /** True for every text that was added, and for about one in 1,700 others, for each layer. */
  has(text: string): boolean;
}

/**
 * A set of texts in two bytes each. It grows by layers, each twice as large as the one before.
 * The hash has a secret key: nobody can choose texts that are taken for members.
 */
export function createBloomFilter(capacity = FIRST_CAPACITY): BloomFilter {
  const key = randomBytes(16).toString('hex');
  const layers: Layer[] = [];
  const has = (words: Uint32Array) => layers.some(({ bits }) => areSet(bits, words));
  return {
    has: (text) => has(wordsOf(key + text)),
    add: (text) => {
      const words = wordsOf(key + text);
      if (has(words)) return;
      let layer = layers.at(-1);
      if (!layer || layer.left === 0) {
        const members = capacity * 2 ** layers.length;
        layer = { bits: new Uint8Array((members * BITS_A_MEMBER) / 8), left: members };
        layers.push(layer);
      }
      layer.left -= 1;
      for (const word of words) set(layer.bits, word);
    },
  };
}

interface Layer {
  readonly bits: Uint8Array;
  left: number;
}

/** From a string of one character a byte, which costs a third of a buffer: a walk over all products hashes each id. */
function wordsOf(text: string): Uint32Array {
  const digest = hash('sha256', text, 'binary');
  const words = new Uint32Array(HASHES);
  for (let n = 0; n < HASHES; n++) {
    const at = n * 4;
    words[n] =
      digest.charCodeAt(at) |
      (digest.charCodeAt(at + 1) << 8) |
      (digest.charCodeAt(at + 2) << 16) |
      (digest.charCodeAt(at + 3) << 24);
  }
  return words;
}

const placeOf = (bits: Uint8Array, word: number) => (word >>> 3) & (bits.length - 1);

const isSet = (bits: Uint8Array, word: number) =>
  ((bits[placeOf(bits, word)] ?? 0) & (1 << (word & 7))) !== 0;

/** A loop, since it is called for each of a million ids. */
function areSet(bits: Uint8Array, words: Uint32Array): boolean {
  for (const word of words) if (!isSet(bits, word)) return false;
  return true;
}

function set(bits: Uint8Array, word: number): void {
  const place = placeOf(bits, word);
  bits[place] = (bits[place] ?? 0) | (1 << (word & 7));
}

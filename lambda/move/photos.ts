import type { Blobs } from '../shared/blobs';
import { typeOf } from './follow';

/** Files that are read or copied at once. */
const AT_ONCE = 8;

export interface BlobPair {
  readonly from: Blobs;
  readonly to: Blobs;
}

/** `mirror` makes `to` like `from`; `add` brings what is missing and deletes nothing; `compare` changes nothing. */
export type PhotoMode = 'mirror' | 'add' | 'compare';

export interface PhotoCount {
  /** Files of `from`, and their size in bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Files that were not the same on both sides. */
  readonly different: number;
}

export interface PhotoOptions {
  readonly mode: PhotoMode;
  readonly signal: AbortSignal;
  /** Keys whose bytes were compared on both sides before: they never change again. Added to. */
  readonly compared: Set<string>;
  readonly onFiles: (files: number) => Promise<void>;
}

/**
 * Goes along both listings side by side: what is missing comes, what was deleted goes, and what is on both sides is read
 * there once, since sizes alone do not tell a picture from a broken one.
 */
export async function carryPhotos({ from, to }: BlobPair, options: PhotoOptions): Promise<PhotoCount> {
  const { mode, signal, compared, onFiles } = options;
  const count = { files: 0, bytes: 0, different: 0 };

  const settle = async ({ key, ours, theirs }: Both): Promise<void> => {
    signal.throwIfAborted();
    count.files += ours === undefined ? 0 : 1;
    count.bytes += ours ?? 0;
    if ((ours === theirs && compared.has(key)) || (mode === 'add' && ours === undefined)) return;
    const [right, there] = await Promise.all([from.get(key), to.get(key)]);
    if (!equal(right, there)) {
      count.different++;
      signal.throwIfAborted();
      if (mode === 'compare') return;
      await (right ? copy(to, key, right) : to.delete(key));
    }
    compared.add(key);
    // It may have been deleted, on both sides, while it was being copied.
    if (right && mode !== 'compare' && !(await from.head(key))) await to.delete(key);
  };

  let batch: Both[] = [];
  const flush = async () => {
    await Promise.all(batch.map(settle));
    await onFiles(count.files);
    batch = [];
  };
  for await (const both of merged(from.list(''), to.list(''))) {
    if (batch.push(both) === AT_ONCE) await flush();
  }
  await flush();
  return count;
}

async function copy(to: Blobs, key: string, bytes: Uint8Array): Promise<void> {
  await to.put(key, bytes, typeOf(key));
  if (!equal(bytes, await to.get(key))) throw new Error(`The file ${key} is not there as it was stored`);
}

const equal = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one === undefined || other === undefined ? one === other : Buffer.compare(one, other) === 0;

/** A key that is on at least one side, with its sizes. */
interface Both {
  readonly key: string;
  readonly ours?: number;
  readonly theirs?: number;
}

type Listing = ReturnType<Blobs['list']>;

/** Two listings in the order of their keys as one. */
async function* merged(from: Listing, to: Listing): AsyncGenerator<Both> {
  const [ours, theirs] = [from[Symbol.asyncIterator](), to[Symbol.asyncIterator]()];
  let [a, b] = await Promise.all([ours.next(), theirs.next()]);
  while (!a.done || !b.done) {
    if (b.done || (!a.done && a.value.key < b.value.key)) {
      yield { key: a.value.key, ours: a.value.bytes };
      a = await ours.next();
    } else if (a.done || b.value.key < a.value.key) {
      yield { key: b.value.key, theirs: b.value.bytes };
      b = await theirs.next();
    } else {
      yield { key: a.value.key, ours: a.value.bytes, theirs: b.value.bytes };
      [a, b] = await Promise.all([ours.next(), theirs.next()]);
    }
  }
}

import type { Blobs } from '../../shared/blobs/blobs';
import { typeOf } from '../placement/routed-stores';

/** Files that are read or copied in parallel. */
const BATCH_SIZE = 8;

export interface BlobPair {
  readonly from: Blobs;
  readonly to: Blobs;
}

/** `mirror` makes `to` equal to `from`; `add` copies missing files and deletes nothing; `compare` changes nothing. */
export type PhotoMode = 'mirror' | 'add' | 'compare';

export interface PhotoCount {
  /** Number and total size in bytes of the files of `from`. */
  readonly files: number;
  readonly bytes: number;
  /** Files that differed between the sides. */
  readonly different: number;
}

export interface SyncBlobsOptions {
  readonly mode: PhotoMode;
  readonly signal: AbortSignal;
  /** Keys whose bytes were already compared; files are immutable, so once is enough. Extended by this function. */
  readonly compared: Set<string>;
  readonly onFiles: (files: number) => Promise<void>;
}

/**
 * Merges both listings: copies missing files, deletes removed ones, and compares the bytes of the others once, since
 * equal sizes do not prove equal content.
 */
export async function syncBlobs({ from, to }: BlobPair, options: SyncBlobsOptions): Promise<PhotoCount> {
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
    // It may have been deleted on both sides during the copy.
    if (right && mode !== 'compare' && !(await from.head(key))) await to.delete(key);
  };

  let batch: Both[] = [];
  const flush = async () => {
    await Promise.all(batch.map(settle));
    await onFiles(count.files);
    batch = [];
  };
  for await (const both of merged(from.list(''), to.list(''))) {
    if (batch.push(both) === BATCH_SIZE) await flush();
  }
  await flush();
  return count;
}

async function copy(to: Blobs, key: string, bytes: Uint8Array): Promise<void> {
  await to.put(key, bytes, typeOf(key));
  if (!equal(bytes, await to.get(key)))
    throw new Error(`The file ${key} cannot be read back as it was written`);
}

const equal = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
  one === undefined || other === undefined ? one === other : Buffer.compare(one, other) === 0;

/** A key that exists on at least one side, with its sizes. */
interface Both {
  readonly key: string;
  readonly ours?: number;
  readonly theirs?: number;
}

type Listing = ReturnType<Blobs['list']>;

/** Merges two sorted listings. */
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

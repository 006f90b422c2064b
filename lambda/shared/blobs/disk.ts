import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { type Blobs, checkKey } from './blobs';
import { createDiskUploads } from './disk-uploads';

/** Older temporary files are left-overs of processes that died: an upload takes minutes at most. */
const ABANDONED_MS = 60 * 60_000;

/**
 * A folder with `files/<key>` (a web server may serve them), `temporary` for files being written, and the secret for
 * tickets, so that tickets survive a restart and are valid in all processes of the host.
 */
export async function openDiskBlobs(folder: string): Promise<Blobs> {
  const temporary = join(folder, 'temporary');
  await mkdir(temporary, { recursive: true });
  await removeAbandoned(temporary);
  const files = join(folder, 'files');
  await mkdir(files, { recursive: true });
  const path = (key: string) => join(files, checkKey(key));

  const write = async (key: string, chunks: Chunks, name: NameIt) => {
    const place = path(key);
    await mkdir(dirname(place), { recursive: true });
    await writeWhole(temporary, chunks, 0o644, (unnamed) => name(unnamed, place));
  };
  const head: Blobs['head'] = async (key) => {
    const found = await unlessMissing(stat(path(key)));
    return found && { bytes: found.size };
  };
  return {
    put: (key, bytes) => write(key, [bytes], rename),
    get: async (key) => unlessMissing(readFile(path(key))),
    head,
    delete: async (key) => rm(path(key), { force: true }),
    list: async function* (prefix) {
      for (const key of (await keysIn(files)).filter((key) => key.startsWith(prefix))) {
        const found = await head(key);
        if (found) yield { key, ...found };
      }
    },
    ...createDiskUploads({
      secret: await secretIn(folder, temporary),
      taken: async (key) => (await head(key)) !== undefined,
      // Linking to an existing name fails, so the second of two concurrent uploads to a key is refused.
      store: (key, chunks) => write(key, chunks, link),
    }),
  };
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
type NameIt = (unnamed: string, place: string) => Promise<void>;

/** Writes to a temporary file, flushes it and names it last, so that a file with its name is always complete. */
async function writeWhole(
  temporary: string,
  chunks: Chunks,
  mode: number,
  name: (unnamed: string) => Promise<void>,
): Promise<void> {
  const unnamed = join(temporary, randomUUID());
  try {
    const file = await open(unnamed, 'wx', mode);
    try {
      for await (const chunk of chunks) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await name(unnamed);
  } finally {
    await rm(unnamed, { force: true });
  }
}

/** Lists everything before sorting, since folders sort differently from keys: `a-b` comes before `a/b`. */
async function keysIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
}

/** The first process creates it; linking keeps the first of two. */
async function secretIn(folder: string, temporary: string): Promise<Buffer> {
  const place = join(folder, 'upload-secret');
  const found = await unlessMissing(readFile(place));
  if (found) return found;
  await writeWhole(temporary, [randomBytes(32)], 0o600, (unnamed) => link(unnamed, place)).catch((error) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return readFile(place);
}

async function removeAbandoned(temporary: string): Promise<void> {
  for (const name of await readdir(temporary)) {
    const path = join(temporary, name);
    const found = await unlessMissing(stat(path));
    if (found && found.mtimeMs < Date.now() - ABANDONED_MS) await rm(path, { force: true });
  }
}

async function unlessMissing<Found>(found: Promise<Found>): Promise<Found | undefined> {
  return found.catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

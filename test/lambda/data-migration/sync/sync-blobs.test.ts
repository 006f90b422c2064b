import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PhotoMode, syncBlobs } from '../../../../lambda/data-migration/sync/sync-blobs';
import type { Blobs } from '../../../../lambda/shared/blobs/blobs';
import { openDiskBlobs } from '../../../../lambda/shared/blobs/disk';
import { cleanup } from '../../../support/cleanup';

const KEY = 'photos/1/160.webp';

describe('copying photos', () => {
  let from: Blobs;
  let to: Blobs;
  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shop-photos-'));
    cleanup(() => rmSync(folder, { recursive: true }));
    [from, to] = await Promise.all(
      ['from', 'to'].map((side) => openDiskBlobs(join(folder, side))) as [Promise<Blobs>, Promise<Blobs>],
    );
  });

  const put = (blobs: Blobs, key: string, text: string) => blobs.put(key, Buffer.from(text), 'image/webp');
  const textOf = async (blobs: Blobs, key = KEY) => {
    const bytes = await blobs.get(key);
    return bytes && Buffer.from(bytes).toString();
  };
  const sync = (
    pair = { from, to },
    mode: PhotoMode = 'mirror',
    signal = new AbortController().signal,
    compared = new Set<string>(),
  ) => syncBlobs(pair, { mode, signal, compared, onFiles: async () => undefined });

  test('leaves nothing of a photo that was deleted on both sides while it was copied', async () => {
    await put(from, KEY, 'a photo');
    const deletedMeanwhile: Blobs = {
      ...from,
      get: async (key) => {
        const bytes = await from.get(key);
        await Promise.all([from.delete(key), to.delete(key)]);
        return bytes;
      },
    };
    await sync({ from: deletedMeanwhile, to });
    expect(await textOf(to)).toBeUndefined();
  });

  test('fails for a photo that cannot be read back as it was written', async () => {
    await put(from, KEY, 'a photo');
    const lossy: Blobs = { ...to, put: (key, bytes, type) => to.put(key, bytes.subarray(1), type) };
    await expect(sync({ from, to: lossy })).rejects.toThrow(
      `The file ${KEY} cannot be read back as it was written`,
    );
  });

  test('finds a photo of the same size with other bytes', async () => {
    await put(from, KEY, 'a photo');
    await put(to, KEY, 'b photo');
    expect(await sync()).toEqual({ files: 1, bytes: 7, different: 1 });
    expect(await textOf(to)).toBe('a photo');
  });

  test('deletes nothing where it only adds, and changes nothing where it only compares', async () => {
    await put(from, KEY, 'a photo');
    await put(to, 'photos/2/160.webp', 'written there');
    expect(await sync({ from, to }, 'compare')).toEqual({ files: 1, bytes: 7, different: 2 });
    expect([await textOf(to), await textOf(to, 'photos/2/160.webp')]).toEqual([undefined, 'written there']);
    await sync({ from, to }, 'add');
    expect([await textOf(to), await textOf(to, 'photos/2/160.webp')]).toEqual(['a photo', 'written there']);
    await sync();
    expect(await textOf(to, 'photos/2/160.webp')).toBeUndefined();
  });

  test('deletes what never belonged there, before and after what does', async () => {
    await put(from, KEY, 'a photo');
    const foreign = ['photos/0/160.webp', 'photos/2/160.webp'];
    for (const key of foreign) await put(to, key, 'garbage');
    await sync();
    expect([await textOf(to), ...(await Promise.all(foreign.map((key) => textOf(to, key))))]).toEqual([
      ...['a photo', undefined, undefined],
    ]);
  });

  test('brings a photo again that went from the other side after it was compared', async () => {
    const compared = new Set<string>();
    const again = () => sync({ from, to }, 'mirror', undefined, compared);
    await put(from, KEY, 'a photo');
    await again();
    await to.delete(KEY);
    await again();
    expect(await textOf(to)).toBe('a photo');
  });

  test('writes nothing once the signal came', async () => {
    await put(from, KEY, 'a photo');
    const stop = new AbortController();
    const slow: Blobs = {
      ...from,
      get: async (key) => {
        stop.abort(new Error('enough'));
        return from.get(key);
      },
    };
    await expect(sync({ from: slow, to }, 'mirror', stop.signal)).rejects.toThrow('enough');
    expect(await textOf(to)).toBeUndefined();
  });
});

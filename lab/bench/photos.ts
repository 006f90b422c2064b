/**
 * Measures what the worker of photos adds to sharp: CPU time of a photo through the worker, with a table in memory and a
 * store on disk, and of the same renditions by sharp alone, in interleaved rounds. The goal is a ratio of 0.9 or more.
 * `npx tsx lab/bench/photos.ts [rounds]`; about ten seconds.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { RENDITION_WIDTHS } from '../../lambda/inventory/photos/limits';
import { createTablePhotos, photoTable } from '../../lambda/inventory/photos/table-repository';
import { openDiskBlobs } from '../../lambda/shared/blobs/disk';
import { createMemoryTable } from '../../lambda/shared/tables/memory-table';
import { createThumbnailWorker } from '../../lambda/thumbnails/worker';
import { median } from '../analysis/statistics';

/** As a phone takes it: 12 megapixels. */
const SIZE = { width: 4032, height: 3024 };

async function main(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'shop-bench-'));
  try {
    const bytes = await picture();
    const blobs = await openDiskBlobs(folder);
    const store = createTablePhotos(createMemoryTable(photoTable));
    const work = createThumbnailWorker({ store, blobs, now: Date.now });
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    const byWorker = async () => {
      const key = { id: randomUUID(), productId: randomUUID() };
      await store.insert(
        { ...key, bytes: bytes.length, type: 'image/jpeg', sha256, expiresAt: 9e12 },
        1,
        9e12,
      );
      await store.startProcessing(key, 9e12);
      await blobs.put(`uploads/${key.id}`, bytes, 'image/jpeg');
      const ms = await cpuOf(() => work(key));
      if ((await store.find(key))?.status !== 'ready') throw new Error('The photo is not ready');
      return ms;
    };
    // Both load and warm up.
    await byWorker();
    await cpuOf(() => bySharp(bytes));
    const [worker, alone]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      worker.push(await byWorker());
      alone.push(await cpuOf(() => bySharp(bytes)));
    }
    const [through, bare] = [median(worker), median(alone)];
    console.log(
      `CPU ms a photo of 12 megapixels: worker ${through.toFixed(0)}, sharp alone ${bare.toFixed(0)}; ` +
        `ratio ${(bare / through).toFixed(2)}; memory of the process at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The renditions of the worker, as one would write them with sharp alone. */
async function bySharp(bytes: Buffer): Promise<void> {
  const largest = Math.max(...RENDITION_WIDTHS);
  const { data, info } = await sharp(bytes, { sequentialRead: true })
    .autoOrient()
    .resize({ width: largest })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  for (const width of RENDITION_WIDTHS)
    await sharp(data, { raw }).resize({ width }).webp({ quality: 80 }).toBuffer();
}

/** Noise over a gradient: neither the best nor the worst case of JPEG. */
async function picture(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const;
  return sharp({ create: { ...SIZE, channels: 3, background: '#a04020', noise } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

main(Number(process.argv[2] ?? 10)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

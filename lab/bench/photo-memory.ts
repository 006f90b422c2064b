/**
 * Measures the memory of the worker of photos as it is deployed: the bundled function in a process of its own, with servers
 * that speak S3 and DynamoDB, over the largest pictures of each shape. `npx tsx lab/bench/photo-memory.ts`; half a minute.
 * The bundle holds the binary of sharp for Lambda, Arm; on another machine its own takes that place.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { MAX_PIXELS, MAX_SIDE } from '../../lambda/inventory/photos/limits';
import { createTablePhotos, photoTable } from '../../lambda/inventory/photos/table-repository';
import { openS3Blobs } from '../../lambda/shared/blobs/s3';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { openDynamoDbTable } from '../../lambda/shared/tables/dynamodb-table';
import { build } from '../../lib/bundle';
import { createTables, startDynamoDb } from '../../local/servers/dynamodb-server';
import { BUCKETS, localConfig, s3Config, s3Environment } from '../../local/servers/local-aws';
import { PHOTO_TABLE } from '../../local/servers/tables';
import { solidPng } from '../../test/support/png';

const ROOT = join(__dirname, '..', '..');

/** Runs in a process of its own: the memory of the program, then the peak with each picture. Linux keeps the peak. */
const DRIVER = `
  const { readFileSync, writeFileSync } = require('node:fs');
  const [index, jobs] = process.argv.slice(1);
  const megabytes = (name) => Math.round(Number(new RegExp(name + ':\\\\s+(\\\\d+)').exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024);
  (async () => {
    const { handler } = require(index);
    for (const { name, body } of JSON.parse(jobs)) {
      writeFileSync('/proc/self/clear_refs', '5');
      const began = performance.now();
      const attributes = { ApproximateReceiveCount: '1' };
      const { batchItemFailures } = await handler({ Records: [{ messageId: name, receiptHandle: 'r', body, attributes }] });
      console.log(JSON.stringify({ name, failed: batchItemFailures.length, peak: megabytes('VmHWM'), ms: Math.round(performance.now() - began) }));
    }
    process.exit();
  })();`;

interface Measured {
  readonly name: string;
  readonly failed: number;
  /** MB of the whole process. */
  readonly peak: number;
  readonly ms: number;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-photo-memory-'));
  const dynamo = await startDynamoDb();
  const s3 = spawn(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'local', 'servers', 's3.ts'), join(folder, 's3')],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    const url = await firstLine(s3);
    const index = bundledWorker(join(folder, 'bundle'));
    const jobs = await stored(url, dynamo.url);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['-e', DRIVER, index, JSON.stringify(jobs)],
      {
        env: {
          ...s3Environment(url),
          NODE_ENV: 'production',
          AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
          [SETTING.media]: `s3://${BUCKETS.media}`,
          [SETTING.photoTable]: PHOTO_TABLE,
          [SETTING.photoQueue]: 'http://127.0.0.1:1/queue',
          [SETTING.photoDeadLetters]: 'http://127.0.0.1:1/dead',
        },
      },
    );
    const lines = stdout.split('\n').filter((line) => line.startsWith('{"name"'));
    const rows: Measured[] = lines.map((line) => JSON.parse(line));
    if (rows.length !== jobs.length || rows.some(({ failed }) => failed > 0))
      throw new Error(`Not every picture was rendered:\n${stdout}`);
    const table = rows.map(({ name, peak, ms }) => [name, { 'peak, MB': peak, ms }]);
    console.table(Object.fromEntries(table));
  } finally {
    s3.kill();
    await dynamo.stop();
    rmSync(folder, { recursive: true });
  }
}

/** The file with the handler of the function. */
function bundledWorker(folder: string): string {
  build(folder);
  const service = join(folder, 'services', 'thumbnails');
  if (process.arch !== 'arm64') {
    rmSync(join(service, 'node_modules'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(service, 'node_modules'));
  }
  return join(service, 'index.js');
}

async function firstLine(server: ChildProcess): Promise<string> {
  const [line] = await once(server.stdout ?? server, 'data');
  return String(line).trim();
}

/** Uploads the pictures, and makes them ready to be worked off. */
async function stored(s3Url: string, dynamoUrl: string) {
  const config = localConfig(dynamoUrl);
  await createTables({ [PHOTO_TABLE]: photoTable }, config);
  const table = openDynamoDbTable({ definition: photoTable, name: PHOTO_TABLE, config });
  const photos = createTablePhotos(table);
  const blobs = openS3Blobs(BUCKETS.media, s3Config(s3Url));
  const jobs: { name: string; body: string }[] = [];
  for (const [name, bytes] of Object.entries(await pictures())) {
    const key = { id: randomUUID(), productId: randomUUID() };
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    await photos.insert(
      { ...key, bytes: bytes.length, type: 'image/jpeg', sha256, expiresAt: 9e12 },
      1,
      9e12,
    );
    await photos.startProcessing(key, 9e12);
    await blobs.put(`uploads/${key.id}`, bytes, 'image/jpeg');
    jobs.push({ name, body: JSON.stringify(key) });
  }
  table.close();
  return jobs;
}

const SQUARE = Math.floor(Math.sqrt(MAX_PIXELS));
const SHORT = 2 * Math.floor(MAX_PIXELS / MAX_SIDE / 2);
const PROGRESSIVE = { quality: 40, progressive: true, chromaSubsampling: '4:4:4' };

/** As `test/lambda/thumbnails/memory.test.ts` has them, after a small one and one as a phone takes it. */
async function pictures(): Promise<Record<string, Buffer>> {
  const plain = (width: number, height: number, channels: 3 | 4 = 3) =>
    sharp({
      create: { width, height: Math.floor(height), channels, background: '#20a0c0' },
      limitInputPixels: false,
    });
  const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const;
  const phone = sharp({ create: { width: 4032, height: 3024, channels: 3, background: '#a04020', noise } });
  return {
    'the program, with a picture of 64 x 64': solidPng(64, 64),
    'a phone, 12 megapixels': await phone.jpeg({ quality: 85 }).toBuffer(),
    'PNG, widest': solidPng(MAX_SIDE, SHORT),
    'PNG, widest, 16 bits, interlaced': solidPng(MAX_SIDE, SHORT / 2, { depth: 16, interlaced: true }),
    'PNG, tallest, interlaced': solidPng(SHORT, MAX_SIDE, { interlaced: true }),
    'JPEG, widest, progressive': await plain(MAX_SIDE, (SHORT * 2) / 3)
      .jpeg(PROGRESSIVE)
      .toBuffer(),
    'JPEG, CMYK, progressive': await plain(SQUARE, SQUARE / 2)
      .toColourspace('cmyk')
      .jpeg(PROGRESSIVE)
      .toBuffer(),
    'WebP, largest square, lossless': await plain(SQUARE, SQUARE, 4)
      .webp({ lossless: true, effort: 0 })
      .toBuffer(),
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

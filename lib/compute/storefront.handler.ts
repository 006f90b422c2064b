import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { type CustomResourceEvent, respond } from '../custom-resource/respond';

/** Publishes the storefront. Its files are part of the function's code, so a rollback restores the previous ones. */
export async function handler(
  event: CustomResourceEvent<object>,
  _context?: object,
  folder = join(__dirname, 'storefront'),
): Promise<void> {
  await respond(event, async () => {
    if (event.RequestType !== 'Delete') await publish(folder, process.env.BUCKET ?? '');
    return { physicalId: 'storefront' };
  });
}

/**
 * Browsers revalidate every file, as with the web server. The CDN caches for ten seconds: file names do not change with
 * a release, so a page may load files of the previous release for that long.
 */
const CACHE_CONTROL = 'public, max-age=0, must-revalidate, s-maxage=10';

/** Uploads pages after their files, and deletes obsolete files last, so that pages never reference missing files. */
async function publish(folder: string, bucket: string): Promise<void> {
  const s3 = new S3Client();
  const keys = await keysIn(folder);
  for (const key of keys) {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: await readFile(join(folder, key)),
        ContentType: types[extname(key)] ?? 'application/octet-stream',
        CacheControl: CACHE_CONTROL,
      }),
    );
  }
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    for (const { Key } of Contents.filter((object) => !keys.includes(object.Key ?? ''))) {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    }
  }
}

async function keysIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const keys = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
    .sort();
  const isPage = (key: string) => key.endsWith('.html');
  return [...keys.filter((key) => !isPage(key)), ...keys.filter(isPage)];
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webm': 'video/webm',
};

import type { Blobs } from './blobs';

/** Opens the store that a URL names: `s3://bucket` or `file:/folder`. */
export async function openBlobs(url: string): Promise<Blobs> {
  if (url.startsWith('s3://')) return (await import('./s3')).openS3Blobs(url.slice('s3://'.length));
  if (url.startsWith('file:')) return (await import('./disk')).openDiskBlobs(url.slice('file:'.length));
  throw new Error(`A blob store's URL starts with s3:// or file:, not "${url.slice(0, 60)}"`);
}

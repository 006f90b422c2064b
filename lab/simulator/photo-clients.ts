import { createHash } from 'node:crypto';
import { NoSuchPhotoError, NotUploadedError, TooManyPhotosError } from '../../lambda/inventory/photos/errors';
import { uploadKey } from '../../lambda/inventory/photos/photo';
import type { Photos } from '../../lambda/inventory/photos/service';
import type { Blobs } from '../../lambda/shared/blobs/blobs';
import type { Recorder } from '../history/history';
import type { PhotoAnswer, PhotoRequest } from '../history/photo-model';
import { type CallerOptions, createCaller } from './caller';
import type { Operation } from './plan';

export const PHOTO_REFUSALS = [TooManyPhotosError, NoSuchPhotoError, NotUploadedError];

/** A file that a client sent. Its bytes are its name. */
export interface Upload {
  readonly name: string;
  readonly id: string;
  state: 'asked' | 'completed' | 'removing' | 'removed';
}

export interface StaffOptions extends CallerOptions<Photos> {
  readonly productId: string;
  /** Those of everybody: each may complete and remove what another one sent. */
  readonly uploads: Upload[];
  readonly recorder: Recorder<PhotoRequest, PhotoAnswer>;
  readonly blobs: Blobs;
}

/** Returns what does an operation of somebody who cares for the photos of a product. */
export function createStaff(name: string, options: StaffOptions): (operation: Operation) => Promise<void> {
  const { productId, uploads, recorder, blobs } = options;
  const { call } = createCaller(name, options);
  let count = 0;

  const complete = async (upload: Upload, where: number) => {
    const done = recorder.begin(name, upload.name, { kind: 'complete' });
    const { answer, error, isUnsure } = await call(where, 'writers', (photos) =>
      photos.complete(productId, upload.id),
    );
    if (answer && upload.state === 'asked') upload.state = 'completed';
    if (answer && answer.status !== 'deleting') done({ kind: 'seen', status: answer.status });
    // An earlier try may have completed it, before it was removed.
    if (isUnsure) return;
    if (error instanceof NoSuchPhotoError) done({ kind: 'seen', status: 'none' });
    // Its file went while it was removed.
    if (error instanceof NotUploadedError) done({ kind: 'refused' });
  };

  const upload = async (where: number) => {
    const file = Buffer.from(`${name} photo ${count++}`);
    const declared = { bytes: file.length, type: 'image/png', sha256: sha256(file) };
    // Without an answer nobody knows its id, so nobody sees it.
    const done = recorder.begin(name, String(file), { kind: 'begin' });
    const { answer } = await call(where, 'writers', (photos) => photos.request(productId, declared));
    if (!answer) return;
    done({ kind: 'done' });
    const sent: Upload = { name: String(file), id: answer.photo.id, state: 'asked' };
    await blobs.put(uploadKey(sent.id), file, declared.type);
    uploads.push(sent);
    await complete(sent, where);
  };

  const remove = async (one: Upload, where: number) => {
    if (one.state !== 'removed') one.state = 'removing';
    const done = recorder.begin(name, one.name, { kind: 'remove' });
    const { answer } = await call(where, 'writers', async (photos) => {
      await photos.remove(productId, one.id);
      return true;
    });
    if (!answer) return;
    one.state = 'removed';
    done({ kind: 'done' });
  };

  const list = async (where: number) => {
    const looks = uploads.map(({ id, name: file }) => ({
      id,
      done: recorder.begin(name, file, { kind: 'look' }),
    }));
    const { answer } = await call(where, 'writers', (photos) => photos.list(productId));
    for (const { id, done } of answer ? looks : []) {
      const status = answer?.find((photo) => photo.id === id)?.status ?? 'none';
      if (status !== 'deleting') done({ kind: 'seen', status });
    }
  };

  return async ({ kind, which, where }) => {
    const one = uploads[which % uploads.length];
    if (kind === 'upload') await upload(where);
    if (kind === 'list') await list(where);
    if (kind === 'complete' && one) await complete(one, where);
    if (kind === 'remove' && one) await remove(one, where);
  };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64');

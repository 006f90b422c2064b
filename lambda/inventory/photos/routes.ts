import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { type Identify, requireStaff } from '../../shared/http/identity';
import { USERS_UNAVAILABLE } from '../../shared/http/problems';
import { answer, LOGGED_IN, REFUSES, responses } from '../../shared/http/responses';
import { NO_SUCH_PRODUCT } from '../catalog/errors';
import { ById } from '../schemas';
import {
  NO_SUCH_PHOTO,
  NOT_UPLOADED,
  PHOTO_NOT_READY,
  PHOTO_QUEUE_FULL,
  TOO_MANY_PHOTOS,
  UPLOAD_DIFFERS,
} from './errors';
import { type Photo as OnePhoto, renditionsOf } from './photo';
import { ByPhoto, NewPhoto, Photo, PhotoList, PhotoUpload } from './schemas';
import type { Photos } from './service';

export interface PhotoRoutesOptions {
  readonly identify: Identify;
  readonly photos: Photos;
}

/** Photos of a product, for staff. Browsers upload straight to the blob store, not through these routes. */
export function photoRoutes(app: OpenAPIHono, { identify, photos }: PhotoRoutesOptions): void {
  app.openapi(listPhotos, async (c) => {
    await requireStaff(c, identify);
    const { id } = c.req.valid('param');
    const items = await photos.list(id);
    const main = await photos.main(id);
    return answer({ items: items.map((photo) => photoJson(photo, main)) });
  });

  app.openapi(requestUpload, async (c) => {
    await requireStaff(c, identify);
    const { photo, upload } = await photos.request(c.req.valid('param').id, c.req.valid('json'));
    const expiresAt = new Date(photo.expiresAt).toISOString();
    return answer({ id: photo.id, status: 'waiting', upload, expiresAt }, 201);
  });

  app.openapi(completeUpload, async (c) => {
    await requireStaff(c, identify);
    const { id, photoId } = c.req.valid('param');
    return answer(photoJson(await photos.complete(id, photoId), await photos.main(id)), 202);
  });

  app.openapi(choosePhoto, async (c) => {
    await requireStaff(c, identify);
    const { id, photoId } = c.req.valid('param');
    await photos.choose(id, photoId);
    return new Response(null, { status: 204 });
  });

  app.openapi(deletePhoto, async (c) => {
    await requireStaff(c, identify);
    const { id, photoId } = c.req.valid('param');
    await photos.remove(id, photoId);
    return new Response(null, { status: 204 });
  });
}

const photoJson = (photo: OnePhoto, main: string | undefined) => ({
  ...{ id: photo.id, status: photo.status, reason: photo.reason, main: photo.id === main },
  renditions: photo.status === 'ready' ? renditionsOf(photo) : [],
});

const listPhotos = createRoute({
  operationId: 'listPhotos',
  method: 'get',
  path: '/api/products/{id}/photos',
  ...LOGGED_IN,
  tags: ['photos'],
  summary: 'List the photos of a product, oldest first (staff)',
  request: { params: ById },
  responses: responses(
    { 200: { description: 'All photos of the product', schema: PhotoList } },
    REFUSES.staff,
    [NO_SUCH_PRODUCT, USERS_UNAVAILABLE],
  ),
});

const requestUpload = createRoute({
  operationId: 'requestUpload',
  method: 'post',
  path: '/api/products/{id}/photos',
  ...LOGGED_IN,
  tags: ['photos'],
  summary: 'Request the upload of a photo (staff)',
  description:
    'Returns the request that uploads the file straight to the store. Complete the photo after the upload.',
  request: {
    params: ById,
    body: { required: true, content: { 'application/json': { schema: NewPhoto } } },
  },
  responses: responses(
    { 201: { description: 'The new photo and the request that uploads it', schema: PhotoUpload } },
    [...REFUSES.staff, ...REFUSES.change, TOO_MANY_PHOTOS, PHOTO_QUEUE_FULL],
    [NO_SUCH_PRODUCT, USERS_UNAVAILABLE],
  ),
});

const completeUpload = createRoute({
  operationId: 'completeUpload',
  method: 'post',
  path: '/api/products/{id}/photos/{photoId}/complete',
  ...LOGGED_IN,
  tags: ['photos'],
  summary: 'Complete an upload (staff)',
  description: 'Starts processing; idempotent. Poll the list of photos until this one is ready or refused.',
  request: { params: ByPhoto },
  responses: responses(
    { 202: { description: 'The photo, being processed or already processed', schema: Photo } },
    [...REFUSES.staff, ...REFUSES.change, NO_SUCH_PHOTO, NOT_UPLOADED, UPLOAD_DIFFERS, PHOTO_QUEUE_FULL],
    [USERS_UNAVAILABLE],
  ),
});

const choosePhoto = createRoute({
  operationId: 'choosePhoto',
  method: 'post',
  path: '/api/products/{id}/photos/{photoId}/main',
  ...LOGGED_IN,
  tags: ['photos'],
  summary: 'Make a photo the picture of its product (staff)',
  description: 'It stays the picture when newer ones come; when it is deleted, the newest is. Idempotent.',
  request: { params: ByPhoto },
  responses: responses(
    { 204: { description: 'It is the picture' } },
    [...REFUSES.staff, ...REFUSES.change, NO_SUCH_PHOTO, PHOTO_NOT_READY],
    [USERS_UNAVAILABLE],
  ),
});

const deletePhoto = createRoute({
  operationId: 'deletePhoto',
  method: 'delete',
  path: '/api/products/{id}/photos/{photoId}',
  ...LOGGED_IN,
  tags: ['photos'],
  summary: 'Delete a photo (staff)',
  description: 'If it was the picture of the product, the newest remaining photo is. Idempotent.',
  request: { params: ByPhoto },
  responses: responses(
    { 204: { description: 'Deleted' } },
    [...REFUSES.staff, ...REFUSES.change, NO_SUCH_PHOTO],
    [USERS_UNAVAILABLE],
  ),
});

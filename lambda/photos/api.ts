import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { answer, answers, LOGGED_IN, REFUSES } from '../inventory/answers';
import { ById } from '../inventory/schemas';
import { type Identify, requireStaff } from '../shared/identity';
import { QueueFullError } from '../shared/jobs';
import { problem } from '../shared/problems';
import { photoProblems } from './errors';
import { type Photo as OnePhoto, renditionUrl } from './photo';
import type { Photos } from './photos';
import { ByPhoto, NewPhoto, Photo, PhotoList, PhotoUpload } from './schemas';

export interface PhotoRoutesDeps {
  readonly identify: Identify;
  readonly photos: Photos;
}

/** Staff's photos of a product. The bytes go to the blob store, not through here. */
export function photoRoutes(app: OpenAPIHono, { identify, photos }: PhotoRoutesDeps): void {
  app.openapi(listPhotos, async (c) => {
    await requireStaff(c, identify);
    return answer({ items: (await photos.list(c.req.valid('param').id)).map(photoJson) });
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
    try {
      return answer(photoJson(await photos.complete(id, photoId)), 202);
    } catch (error) {
      if (error instanceof QueueFullError) return problem(BUSY, { 'Retry-After': '5' });
      throw error;
    }
  });

  app.openapi(deletePhoto, async (c) => {
    await requireStaff(c, identify);
    const { id, photoId } = c.req.valid('param');
    await photos.remove(id, photoId);
    return new Response(null, { status: 204 });
  });
}

const BUSY = {
  type: 'busy',
  title: 'Too many photos wait to be processed: repeat this soon',
  status: 503,
} as const;

const photoJson = ({ id, status, reason, sizes }: OnePhoto) => ({
  id,
  status,
  reason,
  renditions: status === 'ready' ? sizes.map((size) => ({ ...size, url: renditionUrl(id, size) })) : [],
});

const refuses = (...types: string[]) => [
  ...REFUSES.staff,
  ...photoProblems.filter(({ type }) => types.includes(type)),
];

const listPhotos = createRoute({
  method: 'get',
  path: '/api/products/{id}/photos',
  ...LOGGED_IN,
  tags: ['photos'],
  summary: 'The photos of a product, oldest first (staff)',
  request: { params: ById },
  responses: answers({ 200: { description: 'All of them', schema: PhotoList } }, refuses(), [
    'no-such-product',
    'users-unavailable',
  ]),
});

const requestUpload = createRoute({
  method: 'post',
  path: '/api/products/{id}/photos',
  ...LOGGED_IN,
  tags: ['photos'],
  summary: 'Asks to upload a photo (staff)',
  description:
    'Answers with the request that uploads the bytes straight to the store; then complete the photo.',
  request: {
    params: ById,
    body: { required: true, content: { 'application/json': { schema: NewPhoto } } },
  },
  responses: answers(
    { 201: { description: 'Permission for one upload', schema: PhotoUpload } },
    [...refuses('too-many-photos'), ...REFUSES.change],
    ['no-such-product', 'users-unavailable'],
  ),
});

const completeUpload = createRoute({
  method: 'post',
  path: '/api/products/{id}/photos/{photoId}/complete',
  ...LOGGED_IN,
  tags: ['photos'],
  summary: 'Says that the upload is done (staff)',
  description: 'Repeating it is fine. Then list the photos until this one is ready or refused.',
  request: { params: ByPhoto },
  responses: answers(
    { 202: { description: 'It is processed, or was', schema: Photo } },
    [...refuses('no-such-photo', 'not-uploaded', 'upload-differs'), ...REFUSES.change, BUSY],
    ['users-unavailable'],
  ),
});

const deletePhoto = createRoute({
  method: 'delete',
  path: '/api/products/{id}/photos/{photoId}',
  ...LOGGED_IN,
  tags: ['photos'],
  summary: 'Deletes a photo (staff)',
  description: 'When it was the picture of the product, the newest other photo is. Repeating it is fine.',
  request: { params: ByPhoto },
  responses: answers(
    { 204: { description: 'It is gone' } },
    [...refuses('no-such-photo'), ...REFUSES.change],
    ['users-unavailable'],
  ),
});
